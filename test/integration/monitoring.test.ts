import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments, stringify } from 'yaml'
import { blocksOf } from '../docs/commands.ts'
import { allMetrics } from '../telemetry/all-metrics.ts'
import { execute } from '../support/program/execute.ts'
import {
  dashboardQueries,
  monitoringFolder,
  panelQuery,
  shippedDashboard,
  shippedRules,
} from '../support/kubernetes/monitoring-manifests.ts'
import { toolPath } from '../support/program/tool-path.ts'

const folder = await mkdtemp(join(tmpdir(), 'patchline-monitoring-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))

const promtool = (args: readonly string[], input?: string) =>
  execute(toolPath('promtool'), args, input === undefined ? {} : { input })

t.test('promtool check metrics has nothing to say', async t => {
  const text = await allMetrics()
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
  t.match(checked.stdout, 'SUCCESS: 26 rules found')
})

t.test('alerts fire on what they should, and on nothing else', async t => {
  await writeFile(join(folder, 'rules.yaml'), stringify(shippedRules()))
  await copyFile(join(import.meta.dirname, 'monitoring-rules.yaml'), join(folder, 'tests.yaml'))
  const tested = await promtool(['test', 'rules', join(folder, 'tests.yaml')])
  t.equal(tested.code, 0, tested.stdout + tested.stderr)
  t.match(tested.stdout, 'SUCCESS')
})

t.test('Prometheus can read every query of the dashboard and of docs/metrics.md', async t => {
  const shown = blocksOf('docs/metrics.md').filter(({ language }) => language === 'promql')
  const queries = [...dashboardQueries(shippedDashboard()), ...shown.map(({ text }) => text)]
  const rules = queries.map((expr, at) => ({ record: `query:${at}`, expr }))
  t.ok(rules.length > 40)
  const file = join(folder, 'queries.yaml')
  await writeFile(
    file,
    stringify({ groups: [{ name: 'queries', rules }] }).replaceAll(/query:(\d+)/g, 'query_$1'),
  )
  const checked = await promtool(['check', 'rules', file])
  t.equal(checked.code, 0, checked.stdout + checked.stderr)
})

/** What `promtool test rules` is to check of one input. */
interface QueryTest {
  readonly name: string
  readonly interval: string
  readonly input_series: readonly { readonly series: string; readonly values: string }[]
  readonly promql_expr_test: readonly {
    readonly expr: string
    readonly eval_time: string
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[]
  }[]
}

async function testQueries(tests: readonly QueryTest[]) {
  await writeFile(join(folder, 'rules.yaml'), stringify(shippedRules()))
  const file = join(folder, 'dashboard.yaml')
  await writeFile(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: '15m', tests }))
  return promtool(['test', 'rules', file])
}

t.test('where nothing is scraped, no query of the dashboard gives a value', async t => {
  const queries = dashboardQueries(shippedDashboard())
  const tested = await testQueries([
    {
      name: 'no series',
      interval: '5m',
      input_series: [],
      promql_expr_test: queries.map(expr => ({ expr, eval_time: '1h', exp_samples: [] })),
    },
  ])
  t.equal(tested.code, 0, tested.stdout + tested.stderr)
})

function labels(name: string): string {
  return `{namespace="a",workload_kind="Deployment",workload="${name}",container="main",registry="ghcr.io",repository="x/${name}"}`
}

/** The value of a panel of one series at a time; none where it is not known. */
function expect(title: string, evalTime: string, value?: number) {
  return {
    expr: panelQuery(shippedDashboard(), title),
    eval_time: evalTime,
    exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
  }
}

t.test('the dashboard says 0 only of what is known', async t => {
  const behind = 'Containers behind'
  const long = 'Behind for 14 days or longer'
  const failed = 'Checks that failed'
  const tested = await testQueries([
    {
      // The webhook and the audit are scraped, the first cycle has not ended: totals appear at its end.
      name: 'before the first audit ends',
      interval: '5m',
      input_series: [{ series: 'patchline_leader{instance="a"}', values: '1x300' }],
      promql_expr_test: [behind, long, failed].map(title => expect(title, '1h')),
    },
    {
      name: 'no check succeeds',
      interval: '5m',
      input_series: [
        { series: 'patchline_images{namespace="a",verdict="unknown"}', values: '1x300' },
        { series: `patchline_image_check_failed${labels('web')}`, values: '1x300' },
      ],
      promql_expr_test: [expect(behind, '1h'), expect(long, '1h'), expect(failed, '1h', 1)],
    },
    {
      name: 'all are current',
      interval: '5m',
      input_series: [
        { series: `patchline_image_patches_behind${labels('web')}`, values: '0x300' },
        { series: `patchline_image_check_failed${labels('web')}`, values: '0x300' },
      ],
      promql_expr_test: [behind, long, failed].map(title => expect(title, '1h', 0)),
    },
    {
      // One is behind since an instant that nobody knows.
      name: 'the first day',
      interval: '5m',
      input_series: [
        { series: `patchline_image_patches_behind${labels('web')}`, values: '2x4800' },
        { series: `patchline_image_patches_behind${labels('db')}`, values: '0x4800' },
        { series: `patchline_image_check_failed${labels('web')}`, values: '0x4800' },
      ],
      promql_expr_test: [
        expect(behind, '1d', 1),
        expect(long, '1d'),
        expect(long, '13d'),
        expect(long, '15d', 1),
        expect(failed, '1d', 0),
      ],
    },
  ])
  t.equal(tested.code, 0, tested.stdout + tested.stderr)
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
