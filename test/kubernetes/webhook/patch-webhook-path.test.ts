import t, { type Test } from 'tap'
import { nextWebhookPaths, parseWebhookPaths } from '../../../src/certificates/index.ts'
import { runCommand } from '../../../src/cli/index.ts'
import { loadKubeConfig, patchWebhookPath } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const base = '/apis/admissionregistration.k8s.io/v1'
const validating = `${base}/validatingwebhookconfigurations/patchline`
const mutating = `${base}/mutatingwebhookconfigurations/patchline`
const secretPath = '/api/v1/namespaces/patchline-system/secrets/patchline-tls'

interface Configuration {
  webhooks: { name: string; clientConfig: { url?: string; caBundle?: string; service?: { path?: string } } }[]
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly value: string
}

/** A cluster that keeps what is written: JSON patches of the configurations, and the Secret. */
async function cluster(t: Test, service: { path?: string } = {}) {
  const of = (name: string): Configuration => ({ webhooks: [{ name, clientConfig: { service } }] })
  const configurations = new Map([
    [validating, of('validate.patchline.dev')],
    [mutating, of('mutate.patchline.dev')],
  ])
  const state: { secret: { data: Record<string, string> } | undefined } = { secret: undefined }
  const order: string[] = []
  const server = await startApiServer((received, response) => {
    const { pathname } = received.url
    const configuration = configurations.get(pathname)
    if (received.method === 'PATCH') order.push(`${pathname.split('/').at(-2)} ${fieldIn(received.body)}`)
    if (configuration !== undefined && received.method === 'PATCH')
      configurations.set(pathname, patched(configuration, JSON.parse(received.body)))
    if (pathname === secretPath && received.method === 'PATCH') {
      const { data } = JSON.parse(received.body)
      state.secret = { data: { ...data } }
    }
    const secret = state.secret && { ...state.secret, metadata: { resourceVersion: '7' } }
    const found = pathname === secretPath ? secret : configurations.get(pathname)
    return (found === undefined ? refuse(404, 'not found') : answer(200, found))(received, response)
  })
  t.teardown(() => server.close())
  const kubeconfig = server.kubeconfig(t.testdir())
  return {
    kubeconfig,
    order,
    received: server.received,
    paths: () =>
      parseWebhookPaths(Buffer.from(state.secret?.data['path'] ?? '', 'base64').toString(), 'secret'),
    called: () =>
      [...configurations.values()].map(
        ({ webhooks }) => webhooks[0]?.clientConfig.url ?? webhooks[0]?.clientConfig.service?.path,
      ),
    /** What `kubectl apply` does with a path that its last manifest had, and the new one has not. */
    applyWithoutPath() {
      for (const [key, { webhooks }] of configurations)
        configurations.set(key, {
          webhooks: webhooks.map(({ name, clientConfig }) => ({
            name,
            clientConfig: { ...clientConfig, service: {} },
          })),
        })
    },
  }
}

function fieldIn(body: string): string {
  const parsed: unknown = JSON.parse(body)
  return Array.isArray(parsed) ? String(parsed.at(-1).path.split('/').at(-1)) : 'applied'
}

function patched({ webhooks }: Configuration, operations: readonly Operation[]): Configuration {
  const [webhook] = webhooks
  if (webhook === undefined) throw new Error('no webhook')
  let { clientConfig } = webhook
  for (const { path, value } of operations) {
    if (path.endsWith('/caBundle')) clientConfig = { ...clientConfig, caBundle: value }
    if (path.endsWith('/service/path')) clientConfig = { ...clientConfig, service: { path: value } }
  }
  return { webhooks: [{ ...webhook, clientConfig }] }
}

async function certs(kubeconfig: string, ...more: readonly string[]) {
  let out = ''
  let err = ''
  const code = await runCommand(['certs', '--patch', '--wait', '0', '--kubeconfig', kubeconfig, ...more], {
    environment: {},
    out: text => void (out += text),
    err: text => void (err += text),
    readFile: () => '',
  })
  return { code, out, err }
}

const endpoints = (path: string | undefined) => [`/validate/${path}`, `/mutate/${path}`]

t.test('certs --patch makes a path, and keeps it', async t => {
  const made = await cluster(t)
  const { code, out, err } = await certs(made.kubeconfig)
  t.equal(code, 0, err)
  t.equal(
    out,
    [
      'validatingwebhookconfigurations/patchline: caBundle patched\n',
      'mutatingwebhookconfigurations/patchline: caBundle patched\n',
      'secret patchline-system/patchline-tls applied\n',
      'validatingwebhookconfigurations/patchline: path patched\n',
      'mutatingwebhookconfigurations/patchline: path patched\n',
    ].join(''),
  )
  const [path, spare] = made.paths()
  t.match(path, /^[0-9a-f]{64}$/)
  t.strictSame(made.called(), endpoints(path))
  t.notMatch(out + err, new RegExp(`${path}|${spare}`), 'it is printed nowhere')
  t.equal(made.order.at(2), 'secrets applied', 'after the bundle, before the path')
  const again = await certs(made.kubeconfig)
  t.match(again.out, /validatingwebhookconfigurations\/patchline: path unchanged\n/)
  t.strictSame(made.paths(), [path, spare])
  const applied = made.received.findLast(
    ({ url, method }) => url.pathname === secretPath && method === 'PATCH',
  )
  t.equal(JSON.parse(applied?.body ?? '').metadata.resourceVersion, '7', 'what was read is what is replaced')
})

t.test('--new-path takes the spare, which replicas know, and keeps the old one until the next', async t => {
  const made = await cluster(t)
  await certs(made.kubeconfig)
  const [path, spare] = made.paths()
  await certs(made.kubeconfig, '--new-path')
  const [second, next, old] = made.paths()
  t.strictSame([second, old], [spare, path])
  t.strictSame(made.called(), endpoints(spare))
  await certs(made.kubeconfig, '--new-path')
  t.strictSame([made.paths()[0], made.paths()[2]], [next, spare])
  t.notOk(made.paths().includes(path ?? ''), 'the first is gone')
})

t.test('an installation with the bare path is brought over, whichever command comes first', async t => {
  const applied = await cluster(t, { path: '/validate' })
  applied.applyWithoutPath()
  await certs(applied.kubeconfig)
  t.strictSame(applied.called(), endpoints(applied.paths()[0]))
  const patchedFirst = await cluster(t, { path: '/validate' })
  await certs(patchedFirst.kubeconfig)
  patchedFirst.applyWithoutPath()
  await certs(patchedFirst.kubeconfig)
  t.strictSame(patchedFirst.called(), endpoints(patchedFirst.paths()[0]))
})

t.test('a Secret with something else under path is left alone', async t => {
  const made = await cluster(t)
  await certs(made.kubeconfig)
  const server = await startApiServer(
    answer(200, { data: { path: Buffer.from('PLANTED').toString('base64') } }),
  )
  t.teardown(() => server.close())
  const { code, err } = await certs(server.kubeconfig(t.testdir()))
  t.equal(code, 1)
  t.equal(
    err,
    'patchline: secret patchline-system/patchline-tls, key path: line 1 is not a path (32 to 128 lower case letters, digits or -)\n',
  )
  t.ok(server.received.every(({ method }) => method === 'GET'))
})

t.test('a URL is changed at its end', async t => {
  const rows = [
    ['https://127.0.0.1:8443/validate', 'https://127.0.0.1:8443/validate/SECRET'],
    ['https://127.0.0.1:8443/validate/OLD', 'https://127.0.0.1:8443/validate/SECRET'],
    ['https://proxy/patchline/validate/', 'https://proxy/patchline/validate/SECRET'],
    ['https://proxy/patchline', 'https://proxy/patchline/validate/SECRET'],
    ['https://proxy', 'https://proxy/validate/SECRET'],
    ['https://proxy/validated', 'https://proxy/validated/validate/SECRET'],
  ] as const
  for (const [before, after] of rows) {
    const server = await startApiServer((received, response) =>
      received.url.pathname === validating
        ? answer(200, { webhooks: [{ name: 'v', clientConfig: { url: before } }] })(received, response)
        : refuse(404, 'not found')(received, response),
    )
    const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
    await patchWebhookPath({ kubeConfig, path: 'SECRET' })
    const sent = server.received.find(({ method }) => method === 'PATCH')
    t.strictSame(JSON.parse(sent?.body ?? '')[1], {
      op: 'add',
      path: '/webhooks/0/clientConfig/url',
      value: after,
    })
    await server.close()
  }
})

t.test('what the API server repeats is not printed', async t => {
  const server = await startApiServer((received, response) =>
    received.method === 'GET'
      ? answer(200, { webhooks: [{ name: 'v', clientConfig: { service: {} } }] })(received, response)
      : refuse(422, `Invalid value: "${JSON.parse(received.body)[1].value}"`)(received, response),
  )
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  await t.rejects(patchWebhookPath({ kubeConfig, path: 'PLANTED' }), {
    code: 'invalid',
    message: /422 Invalid value: "\/(?:validate|mutate)\/\[hidden\]"; compare the object/,
  })
})

t.test('the paths of a file', t => {
  const path = 'x'.repeat(43)
  t.strictSame(parseWebhookPaths(`${path}\r\n\n  ${path}y \n`, 'f'), [path, `${path}y`])
  for (const text of [
    '',
    '\n \n',
    'short',
    'A'.repeat(43),
    `-${path}`,
    `${path}\nhas blanks in it and is long`,
    'x'.repeat(129),
  ])
    t.throws(() => parseWebhookPaths(text, 'f'), { code: 'invalid-path' }, text)
  t.throws(() => parseWebhookPaths(Array.from({ length: 9 }, () => path).join('\n'), 'f'), {
    message: 'f: more than 8 paths',
  })
  t.equal(nextWebhookPaths([path], false).length, 1, 'one that a person made is kept alone')
  t.strictSame(nextWebhookPaths([path], true)[2], path)
  t.end()
})
