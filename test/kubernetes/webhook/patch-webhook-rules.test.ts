import t, { type Test } from 'tap'
import { runCommand } from '../../../src/cli/index.ts'
import { loadKubeConfig, patchWebhookRules } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const base = '/apis/admissionregistration.k8s.io/v1'
const validating = `${base}/validatingwebhookconfigurations/patchline`
const mutating = `${base}/mutatingwebhookconfigurations/patchline`

const rule = (apiGroups: string[], resources: string[], operations = ['CREATE', 'UPDATE']) => ({
  apiGroups,
  apiVersions: ['*'],
  operations,
  resources,
  scope: 'Namespaced',
})

/** Answers GET with the configuration of that path, and every write with `{}`. */
async function cluster(t: Test, configurations: Record<string, unknown>) {
  const server = await startApiServer((received, response) => {
    const found = configurations[received.url.pathname]
    if (received.method !== 'GET') return answer(200, {})(received, response)
    return (found === undefined ? refuse(404, 'not found') : answer(200, found))(received, response)
  })
  t.teardown(() => server.close())
  const kubeconfig = server.kubeconfig(t.testdir())
  const patchesOf = (path: string): unknown[] =>
    server.received
      .filter(({ method, url }) => method === 'PATCH' && url.pathname === path)
      .map(({ body }) => JSON.parse(body))
  return { kubeconfig, patchesOf }
}

t.test('rules for custom kinds are added where they are missing, to the list that was read', async t => {
  const has = [rule(['argoproj.io'], ['rollouts']), rule(['example.com'], ['apps'], ['UPDATE'])]
  const { kubeconfig, patchesOf } = await cluster(t, {
    [validating]: {
      webhooks: [
        { name: 'v', clientConfig: {}, rules: has },
        { name: 'w', clientConfig: {} },
        { name: 'p', clientConfig: {}, rules: [rule(['patchline.dev'], ['patchpolicies'])] },
      ],
    },
    [mutating]: { webhooks: [{ name: 'm', clientConfig: {}, rules: [rule(['*'], ['*/*'], ['*'])] }] },
  })
  const kubeConfig = await loadKubeConfig({ path: kubeconfig })
  const kinds = [
    { group: 'argoproj.io', resource: 'rollouts' },
    { group: 'example.com', resource: 'apps' },
    { group: 'example.com', resource: 'sites' },
  ]
  t.match(await patchWebhookRules({ kubeConfig, kinds }), [{ outcome: 'patched' }, { outcome: 'unchanged' }])
  const both = rule(['example.com'], ['apps', 'sites'])
  t.strictSame(patchesOf(validating), [
    [
      { op: 'test', path: '/webhooks/0/name', value: 'v' },
      { op: 'test', path: '/webhooks/0/rules', value: has },
      { op: 'add', path: '/webhooks/0/rules', value: [...has, both] },
      { op: 'test', path: '/webhooks/1/name', value: 'w' },
      { op: 'add', path: '/webhooks/1/rules', value: [rule(['argoproj.io'], ['rollouts']), both] },
    ],
  ])
  t.strictSame(patchesOf(mutating), [])
})

t.test('certs --patch adds those of a configuration, whatever else that needs', async t => {
  const webhooks = [{ name: 'v', clientConfig: { service: {} }, rules: [rule([''], ['pods'])] }]
  const { kubeconfig, patchesOf } = await cluster(t, { [validating]: { webhooks } })
  let out = ''
  const code = await runCommand(
    ['certs', '--patch', '--wait', '0', '--kubeconfig', kubeconfig, '--config', 'a.yaml'],
    {
      environment: {},
      out: text => void (out += text),
      err: text => void (out += text),
      readFile: () =>
        `registries: [{ host: r.example.com, username: robot, passwordFrom: { environment: UNSET } }]
workloads: [{ group: example.com, kind: Mesh, podTemplate: spec.template }]`,
    },
  )
  t.equal(code, 0, out)
  t.match(out, /^validatingwebhookconfigurations\/patchline: rules patched$/m)
  t.match(out, /^mutatingwebhookconfigurations\/patchline: rules absent$/m)
  t.strictSame(patchesOf(validating).at(-1), [
    { op: 'test', path: '/webhooks/0/name', value: 'v' },
    { op: 'test', path: '/webhooks/0/rules', value: [rule([''], ['pods'])] },
    {
      op: 'add',
      path: '/webhooks/0/rules',
      value: [rule([''], ['pods']), rule(['example.com'], ['meshes'])],
    },
  ])
})
