import t from 'tap'
import { parse } from 'yaml'
import type { DriftReport } from '../../src/audit/index.ts'
import { createPolicyReports, loadKubeConfig } from '../../src/kubernetes/index.ts'
import { report, type Row } from '../notification/reports.ts'
import { startControlPlane } from './control-plane.ts'
import { openReportDefinition, policyReportDefinition } from './report-definitions.ts'
import { must, toolsFor, until } from './tools.ts'

const cluster = await startControlPlane()
t.teardown(() => cluster.close())
const kubeConfig = await loadKubeConfig({ path: cluster.kubeconfig })
const signal = new AbortController().signal
const tools = toolsFor(cluster)
const run = tools.kubectl
const get = async (what: string) => parse((await must(run(`get ${what} -n shop -o json`))).stdout)

let now = Date.UTC(2026, 0, 1)
const problems: string[] = []
const reports = () =>
  createPolicyReports({
    kubeConfig,
    namespaces: [],
    mayWrite: () => true,
    now: () => now,
    sleep: () => Promise.resolve(),
    onProblem: problem => void problems.push(problem.message),
  })

const uids = new Map<string, string>()
/** Rows with the uids that the cluster gave. */
function drifts(rows: readonly Row[], complete = true): DriftReport {
  const made = report(
    rows.map(row => ({ namespace: 'shop', ...row })),
    complete,
  )
  const withUid = made.rows.map(row => {
    const { workload } = row.image
    return { ...row, image: { ...row.image, workload: { ...workload, uid: uids.get(workload.name) ?? '' } } }
  })
  return { ...made, rows: withUid }
}

async function define(definition: { readonly metadata: { readonly name: string } }, resource: string) {
  await tools.create(JSON.stringify(definition))
  await until(definition.metadata.name, async () => (await run(`get ${resource}`)).code === 0)
}

await tools.namespace('shop')
for (const name of ['web', 'db']) {
  await must(run(`create deployment ${name} --image=nginx:1.25.1 -n shop`))
  uids.set(name, (await get(`deployment ${name}`)).metadata.uid)
}

await t.test('where the cluster has no reports, none are written', async t => {
  const outcome = await reports().write(drifts([{ name: 'web' }]), signal)
  t.strictSame(outcome, {
    resource: undefined,
    written: 0,
    unchanged: 0,
    removed: 0,
    failed: 0,
    foreign: 0,
    pending: 0,
  })
})

const rows: readonly Row[] = [
  { name: 'web', container: 'web', newest: '1.25.5', since: Date.UTC(2025, 11, 1) },
  { name: 'web', container: 'side', image: 'busybox:1.36.1' },
  { name: 'web', container: 'lost', image: 'gone.example/x:1', verdict: 'unknown' },
  { name: 'db', container: 'db', image: 'nginx:latest', verdict: 'floating' },
  { name: 'free', kind: 'Elsewhere', container: 'x', exempt: true },
]

for (const [definition, full] of [
  [openReportDefinition, 'reports.openreports.io'],
  [policyReportDefinition, 'policyreports.wgpolicyk8s.io'],
] as const)
  await t.test(`reports as ${full}`, async t => {
    await define(definition, full)
    const writer = reports()
    const list = async () => (await get(full)).items
    const versions = async () =>
      (await list()).map((one: { metadata: { name: string; resourceVersion: string } }) => [
        one.metadata.name,
        one.metadata.resourceVersion,
      ])
    const ofWeb = async () =>
      (await list()).find((one: { scope: { name: string } }) => one.scope.name === 'web')

    t.strictSame(await writer.write(drifts(rows), signal), {
      resource: full,
      written: 3,
      unchanged: 0,
      removed: 0,
      failed: 0,
      foreign: 0,
      pending: 0,
    })
    const web = await ofWeb()
    t.match(web, {
      metadata: {
        name: /^patchline-deployment-[0-9a-f]{16}$/,
        labels: { 'app.kubernetes.io/managed-by': 'patchline' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: uids.get('web') }],
      },
      scope: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'web',
        namespace: 'shop',
        uid: uids.get('web'),
      },
      summary: { pass: 1, fail: 0, warn: 1, error: 1, skip: 0 },
    })
    t.strictSame(
      web.results.map((one: { result: string; message: string }) => [one.result, one.message]),
      [
        ['warn', 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
        ['pass', 'busybox:1.36.1 is the newest of its line (line 1.25)'],
        ['error', 'gone.example/x:1 could not be checked: its registry does not answer'],
      ],
    )
    t.strictSame(web.results[0].properties, {
      container: 'web',
      field: 'container',
      image: 'nginx:1.25.1',
      newest: '1.25.5',
      behind: '4',
      line: '1.25',
      since: '2025-12-01T00:00:00.000Z',
      reason: 'newer',
      page: 'https://hub.docker.com/_/nginx/tags?name=1.25.5',
    })

    const before = await versions()
    now += 60_000
    t.match(await writer.write(drifts(rows), signal), { written: 0, unchanged: 3 })
    t.match(await reports().write(drifts(rows), signal), { written: 0, unchanged: 3 }, 'nor after a restart')
    t.strictSame(await versions(), before, 'no object was touched')

    const newer = rows.map(row => (row.newest === undefined ? row : { ...row, newest: '1.25.6' }))
    t.match(await reports().write(drifts(newer), signal), { written: 1, unchanged: 2 })
    const [changed, same] = (await ofWeb()).results
    const started = web.results[1].timestamp.seconds
    t.match(changed, { timestamp: { seconds: started + 60, nanos: 0 }, properties: { newest: '1.25.6' } })
    t.match(same, { timestamp: { seconds: started } }, 'what did not change keeps its time')

    // Another tool takes a report of ours over.
    const { name: taken } = (await ofWeb()).metadata
    const label = `label ${full} ${taken} -n shop --overwrite app.kubernetes.io/managed-by`
    await must(run(`${label}=another`))
    const after = await versions()
    const newest = newer.map(row => (row.newest === undefined ? row : { ...row, newest: '1.25.7' }))
    t.match(await writer.write(drifts(newest), signal), { written: 0, failed: 0, foreign: 1 }, 'seen before')
    t.match(await reports().write(drifts(newest), signal), { written: 0, failed: 0, foreign: 1 }, 'not seen')
    const others = newest.filter(({ name }) => name !== 'web')
    t.match(await writer.write(drifts(others), signal), { removed: 0, failed: 0, foreign: 1 })
    t.strictSame(await versions(), after, 'no object was touched')
    const why = `shop/${taken}: there is one without the label`
    t.equal(problems.splice(0).filter(problem => problem.includes(why)).length, 3)
    await must(run(`${label}=patchline`))
    t.match(await writer.write(drifts(newer), signal), { failed: 0, foreign: 0 }, 'ours again')

    const fewer = newer.filter(({ name }) => name === 'web')
    t.match(await writer.write(drifts(fewer, false), signal), { removed: 0 }, 'not while not all was seen')
    t.match(await writer.write(drifts(fewer), signal), { removed: 2 })
    t.equal((await list()).length, 1)
    await must(run(`delete ${full} --all -n shop`))
    now += 3_600_000
    t.match(
      await writer.write(drifts(fewer), signal),
      { written: 1 },
      'what was removed comes back in an hour',
    )
  })

const noReport = async () => (await get('policyreports.wgpolicyk8s.io')).items.length === 0

await t.test('the cluster removes the report with its workload', async () => {
  await reports().write(drifts(rows.slice(0, 1)), signal)
  await must(run('delete deployment web -n shop'))
  // Its garbage collector looks for new kinds twice a minute, and not sooner for one that was removed and made again.
  await until('no report', noReport, 180_000)
})

await t.test('one that the API server refuses stops no other', async t => {
  const outcome = await reports().write(drifts([{ namespace: 'none', name: 'x' }, { name: 'db' }]), signal)
  t.match(outcome, { written: 1, failed: 1 })
  t.strictSame(problems, [], 'a namespace that is gone is no problem of anybody')
})
