import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOfStream } from 'node:stream/consumers'
import t from 'tap'
import { parseAllDocuments, stringify } from 'yaml'
import { createDriftExposition, createMetrics } from '../../src/telemetry/index.ts'
import { report } from '../notification/reports.ts'
import { execute } from '../support/program/execute.ts'
import {
  dashboardQueries,
  monitoringFolder,
  shippedDashboard,
  shippedRules,
} from '../support/kubernetes/monitoring-manifests.ts'
import { toolPath } from '../support/program/tool-path.ts'

const folder = await mkdtemp(join(tmpdir(), 'patchline-monitoring-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))

const promtool = (args: readonly string[], input?: string) =>
  execute(toolPath('promtool'), args, input === undefined ? {} : { input })

/** Everything that a webhook and an audit expose, each metric with a value. */
async function everything(): Promise<string> {
  const metrics = createMetrics({
    version: '1.2.3',
    registries: ['docker.io'],
    catalogSize: () => ({ repositories: 2, tags: 300, bytes: 9_000, oldestAge: 90_500 }),
    registryState: () => ({
      budgets: [{ registry: 'docker.io', remaining: 80 }],
      circuits: [{ registry: 'docker.io', position: 'open' }],
    }),
  })
  metrics.countRequest('validate', 'CREATE', 'warned')
  metrics.countInNamespace('shop', 'validate', 'warned')
  metrics.observeDuration('validate', 0.0007)
  metrics.countVerdict('outdated')
  metrics.countLookup('docker.io', 'listed')
  metrics.countRegistryRequest({ registry: 'docker.io', outcome: 'ok', milliseconds: 120 })
  metrics.countDiskError('corrupt')
  metrics.setCertificateExpiry(1_800_000_000_000)
  const audit = metrics.forAudit(['slack'])
  const found = report([
    { newest: '1.25.5', since: 1_700_000_000_500, name: 'a"b\\c\nd', container: '} 1\n# x\r\0é' },
    { name: 'b', verdict: 'unknown' },
    { name: 'c', exempt: true },
  ])
  audit.audited(found)
  const exposition = createDriftExposition({ level: 'workload', mostSeries: 100 })
  await exposition.update(found)
  audit.exposed(exposition.size())
  return (await metrics.text()) + (await textOfStream(exposition.plain()))
}

t.test('promtool check metrics has nothing to say', async t => {
  const text = await everything()
  t.match(text, /^patchline_image_info\{/m)
  t.same(await promtool(['check', 'metrics'], text), { code: 0, stdout: '', stderr: '' })
  const { code, stderr } = await promtool(['check', 'metrics'], '# TYPE a_total gauge\na_total 1\n')
  t.not(code, 0, 'it does look')
  t.match(stderr, /a_total/)
})

t.test('promtool check rules has nothing to say', async t => {
  await writeFile(join(folder, 'rules.yaml'), stringify(shippedRules()))
  const checked = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'rules.yaml')])
  t.equal(checked.code, 0, checked.stdout + checked.stderr)
  t.match(checked.stdout, 'SUCCESS: 24 rules found')
})

t.test('alerts fire on what they should, and on nothing else', async t => {
  await writeFile(join(folder, 'rules.yaml'), stringify(shippedRules()))
  await copyFile(join(import.meta.dirname, 'monitoring-rules.yaml'), join(folder, 'tests.yaml'))
  const tested = await promtool(['test', 'rules', join(folder, 'tests.yaml')])
  t.equal(tested.code, 0, tested.stdout + tested.stderr)
  t.match(tested.stdout, 'SUCCESS')
})

t.test('Prometheus can read every query of the dashboard', async t => {
  const rules = dashboardQueries(shippedDashboard()).map((expr, at) => ({ record: `query:${at}`, expr }))
  t.ok(rules.length > 25)
  const file = join(folder, 'queries.yaml')
  await writeFile(
    file,
    stringify({ groups: [{ name: 'queries', rules }] }).replaceAll(/query:(\d+)/g, 'query_$1'),
  )
  const checked = await promtool(['check', 'rules', file])
  t.equal(checked.code, 0, checked.stdout + checked.stderr)
})

t.test('kustomize makes four objects of the folder', async t => {
  const { code, stdout, stderr } = await execute(toolPath('kubectl'), ['kustomize', monitoringFolder])
  t.equal(code, 0, stderr)
  const objects: readonly { kind: string; metadata: object; data?: Record<string, string> }[] =
    parseAllDocuments(stdout).map(document => document.toJS())
  t.same(
    objects.map(({ kind }) => kind),
    ['ConfigMap', 'PrometheusRule', 'ServiceMonitor', 'ServiceMonitor'],
  )
  const [dashboard] = objects
  t.match(dashboard?.metadata, { name: 'patchline-dashboard', namespace: 'patchline-system' })
  t.same(JSON.parse(dashboard?.data?.['patchline.json'] ?? ''), shippedDashboard())
})
