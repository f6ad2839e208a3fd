import t, { type Test } from 'tap'
import {
  createDriftEvents,
  KubernetesError,
  loadKubeConfig,
  type DriftEventsOptions,
} from '../../../src/kubernetes/index.ts'
import type { Changes } from '../../../src/notification/index.ts'
import { findingsOf } from '../../../src/notification/findings.ts'
import { report, type Row } from '../../notification/reports.ts'
import { answer, refuse, startApiServer, until } from '../../support/kubernetes/fake-api-server.ts'

const none: Changes = { appeared: [], changed: [], resolved: [], removed: [], failing: [], emergencies: [] }
const findings = (rows: readonly Row[]) => findingsOf(report(rows), 0).findings
const outdated = (count: number) =>
  findings(Array.from({ length: count }, (_, at) => ({ name: `web-${at}`, newest: '1.25.5' })))

async function fixture(t: Test, changes: Partial<DriftEventsOptions> = {}) {
  const server = await startApiServer(answer(201, {}))
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const waits: number[] = []
  const problems: string[] = []
  const control = new AbortController()
  let leads = true
  const events = createDriftEvents({
    kubeConfig,
    instance: 'pod-1',
    mayWrite: () => leads,
    now: () => 0,
    sleep: async milliseconds => void waits.push(milliseconds),
    onProblem: problem =>
      void problems.push(problem instanceof KubernetesError ? problem.code : problem.name),
    ...changes,
  })
  const bodies = () => server.received.map(({ body }) => JSON.parse(body))
  const resign = () => void (leads = false)
  return { server, waits, problems, control, events, bodies, resign, signal: control.signal }
}

t.test('every workload gets its Event, ten in a second', async t => {
  const { server, events, waits, bodies, signal } = await fixture(t)
  events.tell({ ...none, appeared: outdated(120) }, signal)
  t.equal(events.waiting() > 100, true, 'it is not waited for')
  await until(() => events.waiting() === 0 && waits.length === 120)
  t.equal(new Set(bodies().map(({ regarding }) => regarding.name)).size, 120)
  t.strictSame([...new Set(waits)], [100])
  t.equal(server.opened(), 1, 'over one connection')
  t.match(bodies()[0], {
    reason: 'NewerPatchAvailable',
    note: 'web: nginx:1.25.1 is 4 versions behind 1.25.5',
  })
})

t.test('it says of which workloads Events wait, that which is being written too', async t => {
  const { events, waits, signal } = await fixture(t)
  const appeared = outdated(2)
  const areWaiting = () => appeared.map(({ workload }) => events.isWaiting(workload))
  t.strictSame(areWaiting(), [false, false])
  events.tell({ ...none, appeared }, signal)
  t.equal(events.waiting(), 1)
  t.strictSame(areWaiting(), [true, true])
  await until(() => waits.length === 2)
  await events.ended()
  t.strictSame(areWaiting(), [false, false])
})

t.test('what changes again before it is written is told as it is then', async t => {
  const { events, bodies, signal } = await fixture(t)
  events.tell({ ...none, appeared: outdated(3) }, signal)
  events.tell({ ...none, changed: findings([{ name: 'web-2', newest: '1.25.6' }]) }, signal)
  await until(() => bodies().length === 3)
  t.strictSame(
    bodies().map(({ note }) => note),
    [
      'web: nginx:1.25.1 is 4 versions behind 1.25.5',
      'web: nginx:1.25.1 is 4 versions behind 1.25.5',
      'web: nginx:1.25.1 is 4 versions behind 1.25.6',
    ],
  )
})

t.test('what is removed has no Event, what is resolved says what runs', async t => {
  const { events, bodies, signal } = await fixture(t)
  const [resolved] = outdated(1)
  if (resolved === undefined) throw new Error('no finding')
  events.tell({ ...none, removed: outdated(2), resolved: [{ ...resolved, now: 'nginx:1.25.5' }] }, signal)
  await until(() => bodies().length === 1 && events.waiting() === 0)
  t.match(bodies(), [{ reason: 'PatchResolved', note: 'web: nginx:1.25.1 is resolved: now nginx:1.25.5' }])
})

t.test('a failure stops nothing, and is told once of its kind', async t => {
  const { server, events, problems, waits, signal } = await fixture(t)
  for (const status of [403, 403, 404, 422]) server.next(refuse(status, 'no'))
  events.tell({ ...none, appeared: outdated(6) }, signal)
  await until(() => waits.length === 6)
  t.strictSame(problems, ['forbidden', 'invalid'])
  t.equal(server.received.length, 6)
})

t.test('an API server that is down is left alone for a while, and the Event comes later', async t => {
  const { server, events, waits, bodies, signal } = await fixture(t)
  server.next(refuse(503, 'later'))
  events.tell({ ...none, appeared: outdated(2) }, signal)
  await until(() => waits.length === 3)
  t.strictSame(
    bodies().map(({ regarding }) => regarding.name),
    ['web-0', 'web-1', 'web-0'],
  )
  t.strictSame(waits, [30_000, 100, 100])
})

t.test('and given up after three attempts', async t => {
  const { server, events, waits, signal } = await fixture(t)
  for (let at = 0; at < 3; at++) server.next(refuse(503, 'later'))
  events.tell({ ...none, appeared: outdated(1) }, signal)
  await until(() => waits.length === 3)
  t.equal(server.received.length, 3)
  t.equal(events.waiting(), 0)
})

t.test('who leads no more writes nothing more', async t => {
  const { server, events, resign, problems, signal } = await fixture(t)
  resign()
  events.tell({ ...none, appeared: outdated(50) }, signal)
  await until(() => events.waiting() === 0)
  t.equal(server.received.length, 0)
  t.strictSame(problems, [])
})

t.test('nor does one whose term is over', async t => {
  const { server, events, control, signal } = await fixture(t)
  events.tell({ ...none, appeared: outdated(50) }, signal)
  control.abort()
  await until(() => events.waiting() === 0)
  t.ok(server.received.length <= 1)
})

for (const depth of [0, 1, 2, 3, 4, 5, 6])
  t.test(`what is told ${depth} microtasks after the last Event is written`, async t => {
    let given = 0
    const { events, bodies, signal } = await fixture(t, {
      sleep() {
        if ((given += 1) === 1) void tellLater()
        return Promise.resolve()
      },
    })
    const tellLater = async (): Promise<void> => {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one microtask after the other
      for (let passed = 0; passed < depth; passed += 1) await Promise.resolve()
      events.tell({ ...none, appeared: findings([{ name: 'late', newest: '1.25.5' }]) }, signal)
    }
    events.tell({ ...none, appeared: outdated(1) }, signal)
    await until(() => given > 0)
    await new Promise(resolve => setImmediate(resolve))
    await events.ended()
    t.equal(events.waiting(), 0)
    t.equal(bodies().length, 2)
  })

t.test('its end is that of the last Event', async t => {
  const { events, bodies, signal } = await fixture(t)
  await events.ended()
  events.tell({ ...none, appeared: outdated(3) }, signal)
  await events.ended()
  t.equal(bodies().length, 3)
  t.equal(events.waiting(), 0)
})
