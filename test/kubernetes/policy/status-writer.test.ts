import t, { type Test } from 'tap'
import type { DriftReport } from '../../../src/audit/index.ts'
import {
  createPolicyStatuses,
  loadKubeConfig,
  type KubernetesError,
  type PolicyStatusesOptions,
} from '../../../src/kubernetes/index.ts'
import type { ObservedObjects } from '../../../src/report/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { exceptionOf, policyOf } from '../../policy/decision/policies.ts'

const report: DriftReport = {
  startedAt: 1000,
  finishedAt: 2000,
  rows: [],
  complete: true,
  problems: [],
  ignored: [],
}

const seen = { generation: 1, seenAt: 0, problems: [], status: undefined }

const names = (count: number) => Array.from({ length: count }, (_, at) => `x${at}`)

function objectsOf(policies: number, exceptions: number): ObservedObjects {
  return {
    policies: names(policies).map((name, at) => ({
      ...seen,
      namespace: '',
      name,
      resourceVersion: `${at}`,
      good: policyOf(name),
    })),
    exceptions: names(exceptions).map((name, at) => ({
      ...seen,
      namespace: 'shop',
      name,
      resourceVersion: `${at}`,
      good: exceptionOf(name),
    })),
  }
}

async function fixture(t: Test, objects: ObservedObjects, changes: Partial<PolicyStatusesOptions> = {}) {
  const server = await startApiServer(answer(200, {}))
  t.teardown(() => server.close())
  const problems: KubernetesError[] = []
  const waits: number[] = []
  const statuses = createPolicyStatuses({
    kubeConfig: await loadKubeConfig({ path: server.kubeconfig(t.testdir()) }),
    objects: () => objects,
    mayWrite: () => true,
    now: () => 0,
    sleep: async milliseconds => void waits.push(milliseconds),
    onProblem: problem => problems.push(problem),
    ...changes,
  })
  const write = (isSuperseded = () => false, signal = new AbortController().signal) =>
    statuses.write(report, signal, isSuperseded)
  return { server, problems, waits, write }
}

t.test('the subresource of the version that was seen is patched, at a pace, over one connection', async t => {
  const { server, waits, write, problems } = await fixture(t, objectsOf(2, 1))
  t.strictSame(await write(), { written: 3, failed: 0, pending: 0 })
  const root = '/apis/patchline.dev/v1alpha1'
  t.strictSame(
    server.received.map(({ method, url, contentType }) => [method, url.pathname, contentType]),
    [
      `${root}/patchpolicies/x0`,
      `${root}/patchpolicies/x1`,
      `${root}/namespaces/shop/patchexceptions/x0`,
    ].map(path => ['PATCH', `${path}/status`, 'application/merge-patch+json']),
  )
  t.match(JSON.parse(server.received[1]?.body ?? ''), {
    metadata: { resourceVersion: '1' },
    status: { workloads: 0, conditions: [{ type: 'Ready', status: 'True' }] },
  })
  t.strictSame(Object.keys(JSON.parse(server.received[1]?.body ?? '')), ['metadata', 'status'])
  t.strictSame(waits, [100, 200])
  t.equal(server.opened(), 1)
  t.strictSame(problems, [])
})

t.test('without changes nothing is asked', async t => {
  const { server, write } = await fixture(t, objectsOf(0, 0))
  t.strictSame(await write(), { written: 0, failed: 0, pending: 0 })
  t.equal(server.received.length, 0)
})

t.test('what was changed or removed meanwhile is no problem', async t => {
  const { server, write, problems } = await fixture(t, objectsOf(3, 0))
  server.next(refuse(409, 'the object has been modified'))
  server.next(refuse(404, 'not found'))
  t.strictSame(await write(), { written: 1, failed: 1, pending: 1 })
  t.strictSame(problems, [])
})

t.test('a right that is missing for one kind is told once, and the other kind is written', async t => {
  const { server, write, problems } = await fixture(t, objectsOf(3, 2))
  server.next(refuse(403, 'cannot patch resource'))
  t.strictSame(await write(), { written: 2, failed: 3, pending: 0 })
  t.strictSame(
    problems.map(({ message }) => message),
    [
      'patch the status of patchpolicies.patchline.dev x0: 403 cannot patch resource; grant this right to the user or service account',
    ],
  )
  t.equal(server.received.length, 3)
})

t.test('one object that is refused keeps no other from being written', async t => {
  const { server, write, problems } = await fixture(t, objectsOf(3, 0))
  server.next(refuse(422, 'status.workloads: Invalid value'))
  server.next(refuse(422, 'status.workloads: Invalid value'))
  t.strictSame(await write(), { written: 1, failed: 2, pending: 0 })
  t.match(problems, [{ code: 'invalid' }])
})

t.test('an API server that does not answer is left alone until the next attempt', async t => {
  const { server, write, problems } = await fixture(t, objectsOf(20, 0))
  for (let at = 0; at < 20; at += 1) server.next(refuse(503, 'busy'))
  t.strictSame(await write(), { written: 0, failed: 0, pending: 20 })
  t.equal(server.received.length, 5)
  t.match(problems, [{ code: 'unavailable' }])
})

t.test('a newer report and another leader end it', async t => {
  const { write, server } = await fixture(t, objectsOf(5, 0))
  t.strictSame(await write(() => server.received.length === 2), { written: 2, failed: 0, pending: 3 })
  const other = await fixture(t, objectsOf(5, 0), { mayWrite: () => false })
  await t.rejects(other.write(), { code: 'superseded' })
  t.equal(other.server.received.length, 0)
  const ended = AbortSignal.abort()
  await t.rejects(
    write(() => false, ended),
    { code: 'closed' },
  )
})
