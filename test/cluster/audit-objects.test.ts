import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import t from 'tap'
import { parse } from 'yaml'
import type { Workload } from '../../src/inventory/index.ts'
import {
  createDriftEvents,
  createLeader,
  createPolicyReports,
  createStateStore,
  loadKubeConfig,
} from '../../src/kubernetes/index.ts'
import type { Finding } from '../../src/notification/index.ts'
import { nginxFinding, noChanges } from '../support/notification/finding.ts'
import { report } from '../notification/reports.ts'
import { applyRights, ownNamespace, serviceAccountConfig } from './audit-rights.ts'
import { startControlPlane } from './control-plane.ts'
import { policyReportDefinition } from './report-definitions.ts'
import { must, toolsFor, until } from './tools.ts'

// Everything that the audit keeps in the cluster, written with the rights that its manifests give and no others.
const cluster = await startControlPlane()
t.teardown(() => cluster.close())
const tools = toolsFor(cluster)
const run = tools.kubectl
const get = async (what: string) => parse((await must(run(`get ${what} -o json`))).stdout)
const namespace = ownNamespace

await applyRights(cluster)
await tools.create(JSON.stringify(policyReportDefinition))
await until('the reports', async () => (await run('get policyreports.wgpolicyk8s.io')).code === 0)
await tools.namespace('shop')
await must(run('create deployment web --image=nginx:1.25.1 -n shop'))
const { uid } = (await tools.get('deployment web', 'shop')).metadata
const kubeconfig = join(t.testdir(), 'kubeconfig')
writeFileSync(kubeconfig, await serviceAccountConfig(cluster))
const kubeConfig = await loadKubeConfig({ path: kubeconfig })
const { signal } = new AbortController()
const mayWrite = () => true
const problems: string[] = []
const onProblem = (problem: unknown) => void problems.push(String(problem))

const workload: Workload = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  uid,
}

const finding = (change: Partial<Finding> = {}) => nginxFinding({ workload, container: 'nginx', ...change })
const now = () => Date.now()

await t.test('the lease can be had and given back', async t => {
  let elected = false
  const leader = createLeader({
    kubeConfig,
    namespace,
    name: 'patchline-audit',
    identity: 'test',
    onElected: async own => {
      elected = true
      await new Promise(resolve => own.addEventListener('abort', resolve))
    },
    onLost: () => undefined,
    onProblem,
  })
  leader.start()
  await until('the election', async () => elected)
  t.ok(leader.mayWrite())
  await leader.close()
  t.equal((await get(`lease patchline-audit -n ${namespace}`)).spec.holderIdentity, '')
})

await t.test('a state of several megabytes is kept, and its parts are removed', async t => {
  const place = { kubeConfig, namespace, name: 'patchline-state', mayWrite }
  const pieces = Array.from({ length: 100_000 }, (_, index) =>
    createHash('sha256').update(String(index)).digest('base64'),
  )
  const text = pieces.join('')
  const one = createStateStore(place)
  t.equal(await one.load(signal), undefined)
  await one.save(text, signal)
  t.ok((await createStateStore(place).load(signal)) === text)
  const stale = createStateStore(place)
  await stale.load(signal)
  await one.save('two', signal)
  await t.rejects(stale.save('stale', signal), { name: 'StateStoreError', code: 'superseded' })
  await one.save('three', signal)
  t.equal(await createStateStore(place).load(signal), 'three')
  const { items } = await get(`configmap -n ${namespace} -l app.kubernetes.io/component=audit`)
  t.strictSame(
    items.map((one: { metadata: { name: string } }) => one.metadata.name),
    ['patchline-state-a-0', 'patchline-state-b-0'],
  )
})

await t.test('reports are written', async t => {
  const reports = createPolicyReports({
    kubeConfig,
    namespaces: [],
    mayWrite,
    now,
    sleep: () => Promise.resolve(),
    onProblem,
  })
  const own = report([{ namespace: 'shop', name: 'web', newest: '1.25.5' }])
  t.match(await reports.write(own, signal), { written: 1, failed: 0 })
  t.match(await reports.write({ ...own, rows: [] }, signal), { removed: 1, failed: 0 })
})

const noPause = () => Promise.resolve()

const ours = async (where: string) =>
  (await get(`events.events.k8s.io -n ${where}`)).items.filter(
    (event: { reportingController: string }) => event.reportingController === 'patchline.dev/patchline',
  )

await t.test('an Event is written, and counted where it is repeated', async t => {
  const one = createDriftEvents({ kubeConfig, instance: 'pod-1', mayWrite, now, sleep: noPause, onProblem })
  const counted = async (reason: string) =>
    (await ours('shop')).filter((event: { reason: string }) => event.reason === reason)
  const appeared = { ...noChanges, appeared: [finding()] }
  const failing = { ...noChanges, failing: [finding({ kind: 'failing', reason: 'unauthorized' })] }
  for (const [at, changes] of [appeared, failing, appeared, appeared].entries()) {
    one.tell(changes, signal)
    await until('the Event', async () => {
      const [found] = await counted(changes === failing ? 'RegistryLookupFailed' : 'NewerPatchAvailable')
      return found !== undefined && (at < 2 || found.series?.count === at)
    })
  }
  const [failed, newer] = (await ours('shop')).toSorted(
    (first: { reason: string }, second: { reason: string }) => (first.reason > second.reason ? -1 : 1),
  )
  t.match(newer, {
    reason: 'NewerPatchAvailable',
    type: 'Normal',
    action: 'Audit',
    note: 'nginx: nginx:1.25.1 is 4 versions behind 1.25.5',
    regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid },
    reportingInstance: 'pod-1',
    eventTime: /\.\d{6}Z$/,
    series: { count: 3, lastObservedTime: /\.\d{6}Z$/ },
  })
  t.match(failed, {
    reason: 'RegistryLookupFailed',
    type: 'Warning',
    note: 'nginx: nginx:1.25.1 could not be checked (unauthorized)',
  })
  const described = await must(run('describe deployment web -n shop'))
  t.match(described.stdout, /Normal +NewerPatchAvailable .*nginx:1\.25\.1 is 4 versions behind 1\.25\.5/)

  const many = Array.from({ length: 120 }, (_, index) =>
    finding({ workload: { ...workload, name: `web-${index}` }, now: 'nginx:1.25.5' }),
  )
  one.tell({ ...noChanges, resolved: many }, signal)
  await until('an Event for each workload', async () => (await counted('PatchResolved')).length === 120)
  const gone = { ...noChanges, appeared: [finding({ workload: { ...workload, namespace: 'none' } })] }
  const whole = Array.from({ length: 100 }, (_, index) => finding({ container: `\u20ac${index}` }))
  one.tell(gone, signal)
  one.tell({ ...noChanges, appeared: whole.map(each => ({ ...each, newest: '1.25.6' })) }, signal)
  await until('a note that is cut', async () =>
    (await counted('NewerPatchAvailable')).some(({ note }: { note: string }) => /; and \d+ more$/.test(note)),
  )
})

t.strictSame(problems, [])
