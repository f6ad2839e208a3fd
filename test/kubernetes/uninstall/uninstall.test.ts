import t, { type Test } from 'tap'
import { loadKubeConfig, uninstall, type UninstallOutcome } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer, type Handler } from '../../support/kubernetes/fake-api-server.ts'

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

async function fixture(t: Test, answers: Answers, { dryRun = false, webhooksOnly = false } = {}) {
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
      webhooksOnly,
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
  const messages = outcomes.flatMap(({ problems }) => problems.map(({ message }) => message))
  return { told, waits, begun, writes, messages }
}

const deployments = '/apis/apps/v1/deployments'
const group = answer(200, { preferredVersion: { version: 'v1' } })
const audit = '/apis/apps/v1/namespaces/patchline-system/deployments/patchline-audit'
const lease = '/apis/coordination.k8s.io/v1/namespaces/patchline-system/leases/patchline-audit'

const leaseHeldBy = (holderIdentity: string, renewTime = '2026-01-01T00:00:00.000000Z') => ({
  metadata: { resourceVersion: '1' },
  spec: { holderIdentity, renewTime, leaseDurationSeconds: 15 },
})

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
      answer(200, leaseHeldBy((looks += 1) < 4 ? 'a' : ''))(received, response),
  }
  const { told, waits, writes } = await fixture(t, answers)
  t.strictSame(told, [['deployments.apps patchline-audit', 1, 0, []]])
  t.strictSame(waits, [1_000, 1_000, 1_000])
  t.strictSame(
    writes.map(({ body }) => body),
    ['{"spec":{"replicas":0}}'],
  )
  t.match(await fixture(t, answers, { dryRun: true }), { told, waits: [], writes: [] }, 'not in a dry run')
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

const configMaps = '/api/v1/namespaces/patchline-system/configmaps'
const leases = '/apis/coordination.k8s.io/v1/namespaces/patchline-system/leases'
const reports = '/apis/wgpolicyk8s.io/v1alpha2'
/** What the audit wrote, with the requests that remove it. */
const records: Answers = {
  [`GET ${configMaps}`]: answer(200, { items: [{ metadata: { name: 'patchline-state-a-0' } }] }),
  [`DELETE ${configMaps}/patchline-state-a-0`]: answer(200, {}),
  [`GET ${leases}`]: answer(200, { items: [{ metadata: { name: 'patchline-audit' } }] }),
  [`DELETE ${leases}/patchline-audit`]: answer(200, {}),
  [`GET ${reports}/policyreports`]: answer(200, {
    items: [{ metadata: { name: 'patchline-a', namespace: 'shop' } }],
  }),
  [`DELETE ${reports}/namespaces/shop/policyreports/patchline-a`]: answer(200, {}),
}
const removed = [
  ['policyreports.wgpolicyk8s.io', 1, 0, []],
  ['configmaps', 1, 0, []],
  ['leases.coordination.k8s.io', 1, 0, []],
]
const left = [
  'policyreports.wgpolicyk8s.io',
  'reports.openreports.io',
  'events.events.k8s.io',
  'configmaps',
  'leases.coordination.k8s.io',
].map(what => [what, 0, 1, ['conflict']])
const scaled = ['deployments.apps patchline-audit', 1, 0, []]
const scalable: Answers = {
  [`GET ${audit}`]: answer(200, { spec: { replicas: 2 } }),
  [`PATCH ${audit}/scale`]: answer(200, {}),
}
let renewals = 0
const renewed: Handler = (received, response) =>
  answer(200, leaseHeldBy('a', `renewed ${(renewals += 1)}`))(received, response)

const endings: readonly [what: string, answers: Answers, told: readonly unknown[]][] = [
  [
    'that may not be scaled',
    { ...scalable, [`PATCH ${audit}/scale`]: refuse(403, 'no') },
    [['deployments.apps patchline-audit', 0, 1, ['forbidden']], ...left],
  ],
  [
    'that cannot be looked at',
    { [`GET ${audit}`]: refuse(403, 'no') },
    [['deployments.apps patchline-audit', 0, 1, ['forbidden']], ...left],
  ],
  [
    'that renews its Lease all the time',
    { ...scalable, [`GET ${lease}`]: renewed },
    [scaled, ['leases.coordination.k8s.io patchline-audit', 0, 1, ['conflict']], ...left],
  ],
  [
    'that renews its Lease, and had no replicas before',
    { [`GET ${audit}`]: answer(200, { spec: { replicas: 0 } }), [`GET ${lease}`]: renewed },
    [['leases.coordination.k8s.io patchline-audit', 0, 1, ['conflict']], ...left],
  ],
  [
    'whose Lease cannot be read',
    { ...scalable, [`GET ${lease}`]: refuse(403, 'no') },
    [scaled, ['leases.coordination.k8s.io patchline-audit', 0, 1, ['forbidden']], ...left],
  ],
  [
    'that was killed, so that its Lease runs out',
    { ...scalable, [`GET ${lease}`]: answer(200, leaseHeldBy('a')) },
    [scaled, ...removed],
  ],
  ['that has no Lease', scalable, [scaled, ...removed]],
  ['that is gone', {}, removed],
]

for (const [what, answers, expected] of endings)
  t.test(`what an audit wrote ${what}`, async t => {
    const { told, writes } = await fixture(t, { ...records, ...answers })
    t.strictSame(told, expected)
    const deletions = writes.filter(({ method }) => method === 'DELETE').length
    t.equal(deletions, expected.includes(left[0]) ? 0 : 3)
  })

t.test('why it is left is said', async t => {
  const { messages } = await fixture(t, { ...scalable, [`GET ${lease}`]: renewed })
  t.strictSame(messages.slice(0, 2), [
    'wait for the release of lease patchline-audit: it is still renewed after 20 s; try again',
    'delete policyreports.wgpolicyk8s.io: the audit may still run and would write them again; end it first',
  ])
})

t.test('webhooks alone: nothing else is looked at', async t => {
  const found = answer(200, { items: [{ metadata: { name: 'patchline' } }, { metadata: { name: 'other' } }] })
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
  const { told, writes } = await fixture(
    t,
    { [`GET ${path}`]: found, [`DELETE ${path}/patchline`]: answer(200, {}) },
    { webhooksOnly: true },
  )
  t.strictSame(told, [['validatingwebhookconfigurations.admissionregistration.k8s.io', 1, 0, []]])
  t.strictSame(
    writes.map(({ method, url }) => [method, url.pathname]),
    [['DELETE', `${path}/patchline`]],
  )
})
