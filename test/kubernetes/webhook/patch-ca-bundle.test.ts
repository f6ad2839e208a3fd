import t from 'tap'
import type { Test } from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { loadKubeConfig, patchCaBundle } from '../../../src/kubernetes/index.ts'
import { nextBundle } from '../../../src/kubernetes/webhook/patch-ca-bundle.ts'
import { answer, refuse, startApiServer, type Received } from '../../support/kubernetes/fake-api-server.ts'

const now = Date.now()
const make = async (at = now) => (await createCertificates({ hosts: ['a.svc'], now: at })).ca.certificate
const [first, second, third, expired] = await Promise.all([make(), make(), make(), make(0)])
const base64 = (text: string) => Buffer.from(text).toString('base64')
const base = '/apis/admissionregistration.k8s.io/v1'
const validating = `${base}/validatingwebhookconfigurations/patchline`
const mutating = `${base}/mutatingwebhookconfigurations/patchline`

/** Answers GET with the configuration of that path, PATCH with `{}`. */
async function cluster(t: Test, configurations: Record<string, unknown>) {
  const server = await startApiServer((received, response) => {
    const found = configurations[received.url.pathname]
    if (found === undefined) return refuse(404, 'not found')(received, response)
    return answer(200, received.method === 'GET' ? found : {})(received, response)
  })
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  return { server, kubeConfig, patches: () => server.received.filter(isPatch) }
}
const isPatch = ({ method }: Received) => method === 'PATCH'

t.test('only the bundle of each webhook is written, guarded by its name', async t => {
  const { kubeConfig, patches } = await cluster(t, {
    [validating]: {
      webhooks: [
        { name: 'validate.patchline.dev', clientConfig: { service: { name: 'patchline' } } },
        { name: 'other.patchline.dev', clientConfig: { url: 'https://x', caBundle: base64(first) } },
      ],
    },
    [mutating]: { webhooks: [{ name: 'mutate.patchline.dev', clientConfig: { caBundle: base64(second) } }] },
  })
  t.strictSame(await patchCaBundle({ kubeConfig, authority: first }), [
    { resource: 'validatingwebhookconfigurations', outcome: 'patched' },
    { resource: 'mutatingwebhookconfigurations', outcome: 'patched' },
  ])
  const sent = new Map(patches().map(({ url, body, contentType }) => [url.pathname, { body, contentType }]))
  t.equal(sent.get(validating)?.contentType, 'application/json-patch+json')
  t.strictSame(JSON.parse(sent.get(validating)?.body ?? ''), [
    { op: 'test', path: '/webhooks/0/name', value: 'validate.patchline.dev' },
    { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64(first) },
  ])
  t.strictSame(JSON.parse(sent.get(mutating)?.body ?? ''), [
    { op: 'test', path: '/webhooks/0/name', value: 'mutate.patchline.dev' },
    { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64(first + second) },
  ])
})

t.test('one configuration is enough, none is an error', async t => {
  const done = { webhooks: [{ name: 'v', clientConfig: { caBundle: base64(first) } }] }
  const { kubeConfig, patches } = await cluster(t, { [validating]: done })
  t.strictSame(await patchCaBundle({ kubeConfig, authority: first, signal: new AbortController().signal }), [
    { resource: 'validatingwebhookconfigurations', outcome: 'unchanged' },
    { resource: 'mutatingwebhookconfigurations', outcome: 'absent' },
  ])
  t.equal(patches().length, 0)
  await t.rejects(patchCaBundle({ kubeConfig, authority: first, name: 'no/such' }), {
    code: 'not-found',
    message:
      'patch the CA bundle: there is no webhook configuration named no/such; apply the manifests first: kubectl apply -k manifests',
  })
})

t.test('a list of webhooks that changes meanwhile is read again, three times at most', async t => {
  const webhooks = { webhooks: [{ name: 'v', clientConfig: {} }] }
  let refusals = 1
  const server = await startApiServer((received, response) => {
    if (received.url.pathname !== validating) return refuse(404, 'not found')(received, response)
    if (received.method === 'GET') return answer(200, webhooks)(received, response)
    refusals -= 1
    return (refusals < 0 ? answer(200, {}) : refuse(422, 'test failed'))(received, response)
  })
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  t.match(await patchCaBundle({ kubeConfig, authority: first }), [
    { outcome: 'patched' },
    { outcome: 'absent' },
  ])
  t.equal(server.received.filter(isPatch).length, 2)
  refusals = 9
  await t.rejects(patchCaBundle({ kubeConfig, authority: first }), {
    code: 'invalid',
    message: /validatingwebhookconfigurations\/patchline: 422 test failed; compare the object/,
  })
  t.equal(server.received.filter(isPatch).length, 5)
})

t.test('what is no authority is never written', async t => {
  const { server, kubeConfig } = await cluster(t, {})
  const leaf = (await createCertificates({ hosts: ['a.svc'], now })).serving.certificate
  for (const authority of ['', 'junk', leaf, expired]) {
    await t.rejects(patchCaBundle({ kubeConfig, authority }), {
      code: 'invalid-input',
      message:
        'patch the CA bundle: not a valid certificate of an authority; pass the PEM certificate that `patchline certs` makes',
    })
  }
  t.equal(server.received.length, 0)
})

t.test('what is no webhook configuration is refused', async t => {
  for (const webhooks of [{ webhooks: 3 }, null, { webhooks: [{ name: 'v' }] }, { webhooks: [null] }]) {
    const { kubeConfig } = await cluster(t, { [validating]: webhooks, [mutating]: webhooks })
    await t.rejects(patchCaBundle({ kubeConfig, authority: first }), { code: 'invalid-answer' })
  }
  const { kubeConfig } = await cluster(t, { [validating]: {}, [mutating]: {} })
  t.match(await patchCaBundle({ kubeConfig, authority: first }), [
    { outcome: 'unchanged' },
    { outcome: 'unchanged' },
  ])
})

t.test('the bundle: the new authority, then those trusted before while they are valid', t => {
  const table = [
    ['', first],
    [first, first],
    [first.trim(), first],
    [second, first + second],
    [second + third, first + second + third],
    [second + third + second, first + second + third],
    [second + expired + third, first + second + third],
    [first + second, first + second],
    [expired, first],
    [expired + second, first + second],
    ['not a certificate', first],
    ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n', first],
  ] as const
  for (const [current, bundle] of table) t.equal(nextBundle(current, first, now), bundle)
  t.end()
})
