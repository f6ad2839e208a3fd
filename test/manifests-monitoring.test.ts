import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOfStream } from 'node:stream/consumers'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { createDriftExposition, createMetrics } from '../src/telemetry/index.ts'
import { report } from './notification/reports.ts'
import {
  dashboardQueries,
  monitoringFolder,
  readMonitoring,
  shippedDashboard,
  shippedRules,
} from './support/kubernetes/monitoring-manifests.ts'

const root = join(import.meta.dirname, '..')
const rules = shippedRules().groups.flatMap(group => group.rules)
const alerts = rules.filter(rule => rule.alert !== undefined)
const dashboard = shippedDashboard()

/** The names of everything that can be scraped, histograms with their ends. */
async function exposedNames(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics({
    version: '1',
    registries: [],
    catalogSize: () => ({ repositories: 0, tags: 0, bytes: 0, oldestAge: 0 }),
    registryState: () => ({ budgets: [], circuits: [] }),
  })
  metrics.forAudit([])
  const exposition = createDriftExposition({ level: 'workload', mostSeries: 100 })
  await exposition.update(report([{}]))
  const text = (await metrics.text()) + (await textOfStream(exposition.plain()))
  return new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

t.test('rules and dashboard name only what there is', async t => {
  const exposed = await exposedNames()
  const known = new Set([
    ...exposed,
    ...rules.flatMap(({ record }) => record ?? []),
    'apiserver_admission_webhook_fail_open_count', // the API server's
  ])
  const queries = [...rules.map(({ expr }) => expr), ...dashboardQueries(dashboard)]
  const named = new Set(
    queries.flatMap(query =>
      [...query.matchAll(/[a-z]+:[a-z_:]+|\b(?:patchline|apiserver)_[a-z_]+/g)].map(([name]) => name),
    ),
  )
  t.ok(named.size > 25)
  for (const name of named) t.ok(known.has(name), name)
})

t.test('every alert says how grave it is, what it means and what to do', t => {
  t.equal(alerts.length, 21)
  const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8')
  const sections = [...runbooks.matchAll(/^## (\S+)$/gm)].map(([, name]) => name)
  t.same(
    sections,
    alerts.map(({ alert }) => alert),
    'one section for each, in the same order',
  )
  for (const section of runbooks.split(/^## /m).slice(1))
    for (const word of ['**Means**', '**Effect**', '**Do**'])
      t.ok(
        section.includes(word) || /\*\*Effect\*\* and what to do/.test(section),
        `${word} ${section.slice(0, 30)}`,
      )
  for (const { alert = '', labels, annotations = {}, for: duration } of alerts) {
    t.match(alert, /^Patchline[A-Z][A-Za-z]+$/)
    t.match(labels?.['severity'], /^(?:info|warning|critical)$/, alert)
    t.match(duration, /^\d+[mh]$/, alert)
    t.same(Object.keys(annotations), ['summary', 'description', 'runbook_url'], alert)
    t.equal(
      annotations['runbook_url'],
      `https://github.com/patchline/patchline/blob/main/docs/runbooks.md#${alert.toLowerCase()}`,
    )
    t.notMatch(annotations['summary'], /\n/)
  }
  t.end()
})

t.test('links between the runbooks lead somewhere', t => {
  const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8')
  const anchors = new Set(alerts.map(({ alert = '' }) => alert.toLowerCase()))
  for (const [, anchor = ''] of runbooks.matchAll(/\]\(#([^)]+)\)/g)) t.ok(anchors.has(anchor), anchor)
  t.end()
})

t.test('the monitors scrape the Services and pods of the manifests, and honour labels', t => {
  const service = parse(readFileSync(join(root, 'manifests/service.yaml'), 'utf8'))
  const audit = parse(readFileSync(join(root, 'manifests/audit-service.yaml'), 'utf8'))
  for (const [file, list] of [
    ['servicemonitor.yaml', 'endpoints'],
    ['podmonitor.yaml', 'podMetricsEndpoints'],
  ] as const) {
    const monitors = parseAllDocuments(readMonitoring(file)).map(document => document.toJS())
    t.equal(monitors.length, 2, 'one for the webhook, one with a token for the audit')
    for (const [at, { metadata, spec }] of [service, audit].entries()) {
      const monitor = monitors[at]
      const [endpoint] = monitor.spec[list]
      t.equal(monitor.apiVersion, 'monitoring.coreos.com/v1')
      t.match(metadata.labels, monitor.spec.selector.matchLabels, file)
      t.equal(metadata.namespace, monitor.metadata.namespace)
      const ports: readonly { readonly name: string }[] = spec.ports
      t.ok(ports.some(({ name }) => name === endpoint.port))
      t.match(endpoint, { path: '/metrics', honorLabels: true })
      const withToken = 'bearerTokenFile' in endpoint || 'authorization' in endpoint
      t.equal(withToken, at === 1, 'the token goes to the audit only')
    }
  }
  t.end()
})

t.test('the kustomization lists every file but the alternative', t => {
  const { resources, configMapGenerator } = parse(readMonitoring('kustomization.yaml'))
  const others = ['kustomization.yaml', 'podmonitor.yaml', 'dashboard.json']
  t.same(
    resources.toSorted(),
    readdirSync(monitoringFolder).filter(file => !others.includes(file)),
  )
  t.match(configMapGenerator, [
    { files: ['patchline.json=dashboard.json'], options: { labels: { grafana_dashboard: '1' } } },
  ])
  t.end()
})

t.test('the dashboard is one that can be provisioned anywhere', t => {
  t.equal(dashboard.uid, 'patchline')
  t.notOk('id' in dashboard, 'an id is that of one Grafana')
  t.notOk('__inputs' in dashboard, 'nobody is asked on provisioning')
  t.same(
    dashboard.templating.list.map(({ name, type }) => [name, type]),
    [
      ['datasource', 'datasource'],
      ['namespace', 'query'],
      ['registry', 'query'],
    ],
  )
  const { panels } = dashboard
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const { title, targets = [], datasource, type, gridPos } of panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title)
    if (type === 'row') continue
    t.ok(targets.length > 0, title)
    for (const one of [datasource, ...targets.map(target => target.datasource)])
      t.equal(one?.uid, '${datasource}', title)
  }
  for (const one of panels)
    t.notOk(
      panels.find(other => other.id > one.id && overlap(one.gridPos, other.gridPos)),
      `${one.title} stands alone`,
    )
  t.end()
})

// Labels whose values are a closed set, or as many as the configuration lists.
const fewValues = ['verdict', 'decision', 'outcome', 'channel', 'registry', 'le']

t.test('a graph draws the ten largest of what may be hundreds', t => {
  const graphs = dashboard.panels.filter(({ type }) => type !== 'row' && type !== 'table')
  const drawn = graphs.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))
  const many = drawn.filter(({ expr }) => {
    const [, labels] = /^(?:topk\(10, )?(?:histogram_quantile\([\d.]+, )?\w+ by \(([^)]*)\)/.exec(expr) ?? []
    return labels?.split(', ').some(label => !fewValues.includes(label))
  })
  t.same(
    many.map(({ title }) => title),
    [
      'Containers behind: the ten namespaces with most',
      'Refusals: the ten namespaces with most',
      'Warnings: the ten namespaces with most',
    ],
  )
  for (const { title, expr } of many) t.match(expr, /^topk\(10, /, title)
  // All others have one series, or one for each value of a label that has few.
  for (const { title, expr } of drawn)
    t.match(
      expr,
      /^(?:topk\(10, |histogram_quantile\(|(?:sum|max|min|count)(?: by \((?:verdict|decision|outcome|channel|registry)(?:, outcome)?\) )?\(|time\(\) - max\(|cluster:)/,
      title,
    )
  t.end()
})

type Place = (typeof dashboard.panels)[number]['gridPos']

function overlap(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.w &&
    other.x < one.x + one.w &&
    one.y < other.y + other.h &&
    other.y < one.y + one.h
  )
}
