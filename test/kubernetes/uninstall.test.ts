import t, { type Test } from 'tap'
import { loadKubeConfig, uninstall, type UninstallOutcome } from '../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer, type Handler } from './fake-api-server.ts'

const signal = new AbortController().signal
const facts = {
  'patchline.dev/status': 'current',
  'patchline.dev/images': '{}',
  'patchline.dev/strategy': 'minor',
}
const object = (name: string, annotations: Readonly<Record<string, string>> = facts) => ({
  metadata: { name, namespace: 'shop', annotations },
})

/** What a server answers to a method and a path; 404 to all others. */
type Answers = Readonly<Record<string, Handler>>

async function fixture(t: Test, answers: Answers, dryRun = false) {
  const server = await startApiServer((received, response) => {
    const key = `${received.method} ${received.url.pathname}`
    return (answers[key] ?? refuse(404, 'not found'))(received, response)
  })
  t.teardown(() => server.close())
  const waits: number[] = []
  const outcomes: UninstallOutcome[] = []
  const begun: unknown[] = []
  let now = 0
  await uninstall(
    {
      kubeConfig: await loadKubeConfig({ path: server.kubeconfig(t.testdir()) }),
      namespace: 'patchline-system',
      configuration: 'patchline',
      resources: [{ group: 'argoproj.io', resource: 'rollouts' }],
      dryRun,
      now: () => now,
      sleep(milliseconds) {
        waits.push(milliseconds)
        now += milliseconds
        return Promise.resolve()
      },
      onBegin: ({ what }, count) => void begun.push([what, count]),
      onStep: outcome => void outcomes.push(outcome),
    },
    signal,
  )
  const told = outcomes
    .filter(({ done, failed }) => done + failed > 0)
    .map(({ what, done, failed, problems }) => [what, done, failed, problems.map(({ code }) => code)])
  const writes = server.received.filter(({ method }) => method !== 'GET')
  return { told, waits, begun, writes }
}

const deployments = '/apis/apps/v1/deployments'
const group = answer(200, { preferredVersion: { version: 'v1' } })
const audit = '/apis/apps/v1/namespaces/patchline-system/deployments/patchline-audit'
const lease = '/apis/coordination.k8s.io/v1/namespaces/patchline-system/leases/patchline-audit'

t.test('where nothing is, nothing is done', async t => {
  const { told, writes, waits } = await fixture(t, {})
  t.strictSame([told, writes, waits], [[], [], []])
})

t.test('annotations are taken away at a pace, ours alone, and a failure ends nothing', async t => {
  const names = Array.from({ length: 25 }, (_, at) => `web-${at}`)
  const patched = Object.fromEntries(
    names.map(name => [`PATCH /apis/apps/v1/namespaces/shop/deployments/${name}`, answer(200, {})]),
  )
  const { told, waits, begun, writes } = await fixture(t, {
    ...patched,
    'PATCH /apis/apps/v1/namespaces/shop/deployments/web-3': refuse(422, 'invalid'),
    'PATCH /apis/apps/v1/namespaces/shop/deployments/web-4': refuse(404, 'gone meanwhile'),
    'GET /apis/apps': group,
    [`GET ${deployments}`]: answer(200, {
      items: [...names.map(name => object(name)), object('strange', { 'patchline.dev/strategy': 'minor' })],
    }),
  })
  t.strictSame(told, [['deployments.apps', 23, 1, ['invalid']]])
  t.strictSame(begun, [['deployments.apps', 25]])
  t.strictSame(new Set(waits), new Set([50]), 'twenty a second')
  t.equal(waits.length, 24)
  const body = '{"metadata":{"annotations":{"patchline.dev/status":null,"patchline.dev/images":null}}}'
  t.ok(writes.every(write => write.body === body))
})

t.test('the audit is ended first, and waited for', async t => {
  let looks = 0
  const answers: Answers = {
    [`GET ${audit}`]: answer(200, { spec: { replicas: 2 } }),
    [`PATCH ${audit}/scale`]: answer(200, {}),
    [`GET ${lease}`]: (received, response) =>
      answer(200, { spec: { holderIdentity: (looks += 1) < 4 ? 'a' : '' } })(received, response),
  }
  const { told, waits, writes } = await fixture(t, answers)
  t.strictSame(told, [['deployments.apps patchline-audit', 1, 0, []]])
  t.strictSame(waits, [1_000, 1_000, 1_000])
  t.strictSame(
    writes.map(({ body }) => body),
    ['{"spec":{"replicas":0}}'],
  )
  t.match(await fixture(t, answers, true), { told, waits: [], writes: [] }, 'not in a dry run')
})

t.test('while a webhook stays, no annotation is touched', async t => {
  const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  const { told, writes } = await fixture(t, {
    [`GET ${webhooks}`]: answer(200, {
      items: [{ metadata: { name: 'patchline' } }, { metadata: { name: 'x' } }],
    }),
    [`DELETE ${webhooks}/patchline`]: refuse(403, 'no'),
    'GET /apis/apps': group,
    [`GET ${deployments}`]: answer(200, { items: [object('web')] }),
  })
  t.strictSame(told[0], ['mutatingwebhookconfigurations.admissionregistration.k8s.io', 0, 1, ['forbidden']])
  t.strictSame(
    told.find(([what]) => what === 'deployments.apps'),
    ['deployments.apps', 0, 1, ['conflict']],
  )
  t.equal(writes.length, 1)
})

t.test('what the rules of the webhooks name is looked at too', async t => {
  const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  const rules = [
    { apiGroups: ['example.com'], resources: ['boxes', 'boxes/status'] },
    { apiGroups: ['*'], resources: ['*'] },
  ]
  const { told, writes } = await fixture(t, {
    [`GET ${webhooks}/patchline`]: answer(200, { webhooks: [{ rules }] }),
    'GET /apis/example.com': answer(200, { preferredVersion: { version: 'v2' } }),
    'GET /apis/example.com/v2/boxes': answer(200, { items: [object('box')] }),
    'PATCH /apis/example.com/v2/namespaces/shop/boxes/box': answer(200, {}),
  })
  t.strictSame(told, [['boxes.example.com', 1, 0, []]])
  t.equal(writes.length, 1)
})
