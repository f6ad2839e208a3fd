import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { startAudit, type LocalAudit } from '../support/program/local-audit.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { applyRights, serviceAccountConfig } from './audit-rights.ts'
import { startControlPlane } from './control-plane.ts'
import { policyReportDefinition } from './report-definitions.ts'
import { must, toolsFor, until } from './tools.ts'

// What belongs to the cluster and not to a pod: since when images are behind, and the reports of many workloads.
const folder = t.testdir()
const nginx = ['1.25.1', '1.25.2', '1.25.3']
const registry = await startMemoryRegistry({
  repositories: { 'library/nginx': nginx, 'library/busybox': ['1.36.1'] },
})
t.teardown(() => registry.close())
const push = (tag: string): void => {
  nginx.push(tag)
  registry.setTags('library/nginx', [...nginx])
}
const cluster = await startControlPlane()
t.teardown(() => cluster.close())
const tools = toolsFor(cluster)
const run = tools.kubectl
await applyRights(cluster)
await tools.create(JSON.stringify(policyReportDefinition))
await until('the reports', async () => (await run('get policyreports.wgpolicyk8s.io')).code === 0)
await tools.namespace('shop')
const kubeconfig = join(folder, 'audit.kubeconfig')
writeFileSync(kubeconfig, await serviceAccountConfig(cluster))

/** Each with a disk of its own, as in a pod. */
let started = 0
async function start(more = ''): Promise<LocalAudit> {
  const directory = join(folder, `audit-${++started}`)
  mkdirSync(directory)
  const audit = await startAudit({
    directory,
    configuration: `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true, limits: { requestsPerSecond: 100 } }]
catalog: { refreshAfterMinutes: 0.01, directory: ${join(directory, 'catalog')} }
kubernetes: { kubeconfig: ${kubeconfig} }
audit: { intervalMinutes: 0.02${more} }`,
    environment: {},
  })
  t.teardown(() => audit.kill())
  return audit
}

// Templates are workloads that no controller has work with.
const template = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'PodTemplate',
  metadata: { name, namespace: 'shop' },
  template: { spec: { containers: [{ name: 'main', image }] } },
})
const apply = (items: readonly object[]) =>
  must(run('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items })))

const cyclesOf = (audit: LocalAudit): number => audit.log().filter(({ msg }) => msg === 'audited').length
const rowOf = async (audit: LocalAudit, name: string) =>
  (await audit.drift(`workload=PodTemplate/${name}`))?.[0]
const pendingOf = async (audit: LocalAudit): Promise<number> =>
  (await audit.metrics()).get('patchline_policy_reports_pending') ?? Number.NaN
const reports = async (): Promise<readonly string[]> =>
  parse((await must(run('get policyreports -n shop -o json'))).stdout).items.map(
    (one: { results: readonly [{ properties: { newest?: string } }] }) =>
      one.results[0].properties.newest ?? '',
  )

await t.test('since when an image is behind outlives the leader and its disk', async t => {
  await apply([template('web', 'nginx:1.25.3'), template('box', 'busybox:1.36.1')])
  const first = await start(', reports: false')
  await until('current', async () => (await rowOf(first, 'web'))?.verdict === 'current')
  const cycles = cyclesOf(first)
  await until('it is kept', async () => cyclesOf(first) > cycles + 1)
  push('1.25.4')
  await until('behind', async () => (await rowOf(first, 'web'))?.newest === '1.25.4')
  const since = (await rowOf(first, 'web'))?.since
  t.ok(Math.abs(Date.parse(since ?? '') - Date.now()) < 60_000, String(since))

  const second = await start(', reports: false')
  await until('the second one', async () => second.log().some(({ msg }) => msg === 'auditing'))
  const kept = cyclesOf(first)
  await until('it is kept', async () => cyclesOf(first) > kept + 1)
  await first.kill()
  // There is no leader while this comes.
  registry.setTags('library/busybox', ['1.36.1', '1.36.2'])
  const killed = Date.now()
  await until('the other leader', async () => (await rowOf(second, 'web')) !== undefined)
  t.match(await rowOf(second, 'web'), { verdict: 'outdated', newest: '1.25.4', since })
  const meanwhile = Date.parse((await rowOf(second, 'box'))?.since ?? '')
  t.ok(meanwhile >= killed, 'what came between two leaders came when the second one first looked')

  push('1.25.5')
  await until('a still newer one', async () => (await rowOf(second, 'web'))?.newest === '1.25.5')
  t.match(await rowOf(second, 'web'), { since }, 'makes it no younger')
  t.strictSame(
    second.log().filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  )
  t.equal(await second.stop(), 0)
})

const many = 90 // nine seconds at ten a second, in which seven cycles come

await t.test('cycles do not wait for reports, and a newer one supersedes what is not written', async t => {
  await apply(Array.from({ length: many }, (_, index) => template(`t-${index}`, 'nginx:1.25.1')))
  const audit = await start()
  await until('reports that wait', async () => (await pendingOf(audit)) > 0)
  push('1.25.6')
  await until('four cycles', async () => cyclesOf(audit) >= 4)
  t.ok((await pendingOf(audit)) > 0, 'and not all reports')
  t.ok(audit.log().some(({ msg }) => msg === 'policy reports are behind'))
  await until('all reports', async () => (await pendingOf(audit)) === 0, 60_000)
  const newest = await reports()
  t.equal(newest.filter(one => one === '1.25.6').length, many + 1)
  const written = (await audit.metrics()).get('patchline_policy_reports_written_total') ?? 0
  t.ok(written < 2 * many, `${written} writes for ${many} reports and a newer tag in between`)

  push('1.25.7')
  await until('reports that wait', async () => (await reports()).includes('1.25.7'))
  t.equal(await audit.stop(), 0)
  const left = (await reports()).toSorted()
  t.ok(left.includes('1.25.6'), 'it ended in the middle')
  await sleep(1_000)
  t.strictSame((await reports()).toSorted(), left, 'nothing is written by one that does not lead')
})

const facts = (image: string) => ({
  'patchline.dev/status': 'current',
  'patchline.dev/images': JSON.stringify({
    main: { image, verdict: 'current', behind: 0, reason: 'newest' },
  }),
  'patchline.dev/strategy': 'patch',
  'example.com/note': 'ours',
})
const annotated = (name: string, image: string, more: object) => {
  const made = template(name, image)
  return { ...made, metadata: { ...made.metadata, ...more } }
}

await t.test('annotations that are wrong by now are corrected, and nothing else of them', async t => {
  await tools.namespace('quiet', 'off')
  const there = { namespace: 'quiet', annotations: facts('nginx:1.25.1') }
  await apply([
    annotated('changed', 'nginx:1.25.1', { annotations: facts('nginx:1.24.0') }),
    annotated('right', 'nginx:1.25.1', { annotations: facts('nginx:1.25.1') }),
    annotated('bare', 'nginx:1.25.1', {}),
    annotated('exempt', 'nginx:1.25.1', there),
  ])
  const metadataOf = async (name: string, namespace: string) =>
    (await tools.get(`podtemplate ${name}`, namespace)).metadata
  const annotationsOf = async (name: string, namespace: string) =>
    (await metadataOf(name, namespace)).annotations ?? {}
  const before = [await metadataOf('right', 'shop'), await metadataOf('bare', 'shop')]

  const poor = await start(', reports: false, correctAnnotations: true')
  const isRefused = async () => poor.log().some(({ msg }) => msg === 'annotations not corrected')
  await until('the missing right is told', isRefused)
  t.equal(await poor.stop(), 0)
  await tools.create(
    readFileSync(join(import.meta.dirname, '../../manifests/correct-annotations/rbac.yaml'), 'utf8'),
  )

  const audit = await start(', reports: false, correctAnnotations: true')
  await until('the one of another image', async () =>
    ((await annotationsOf('changed', 'shop'))['patchline.dev/images'] ?? '').includes('nginx:1.25.1'),
  )
  t.match(await annotationsOf('changed', 'shop'), {
    'patchline.dev/status': 'outdated',
    'patchline.dev/strategy': 'patch',
    'example.com/note': 'ours',
  })
  await until('none where nothing is judged', async () => {
    const left = Object.keys(await annotationsOf('exempt', 'quiet'))
    return !left.includes('patchline.dev/images') && !left.includes('patchline.dev/status')
  })
  const kept = { 'patchline.dev/strategy': 'patch', 'example.com/note': 'ours' }
  t.match(await annotationsOf('exempt', 'quiet'), kept)

  const corrected = await metadataOf('changed', 'shop')
  push('1.25.8')
  await until('a newer tag', async () => (await rowOf(audit, 'changed'))?.newest === '1.25.8')
  const cycles = cyclesOf(audit)
  await until('two more cycles', async () => cyclesOf(audit) > cycles + 1)
  t.strictSame([await metadataOf('right', 'shop'), await metadataOf('bare', 'shop')], before)
  t.strictSame(await metadataOf('changed', 'shop'), corrected, 'a newer tag upstream makes no difference')
  const counts = audit
    .log()
    .flatMap(({ msg, count }) => (msg === 'annotations corrected' ? [Number(count)] : []))
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    2,
    'each once',
  )
  t.equal(await audit.stop(), 0)
})
