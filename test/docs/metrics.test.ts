import t from 'tap'
import { allMetrics } from '../telemetry/all-metrics.ts'
import { blocksOf, textOf } from './commands.ts'

// docs/metrics.md is what is served: every metric with its type and its labels, and no other.

const page = textOf('docs/metrics.md')

interface Metric {
  readonly type: string
  readonly labels: readonly string[]
}

/** The metrics of the page by name. */
function shown(): ReadonlyMap<string, Metric> {
  const rows = page.matchAll(/^\| `(patchline_\w+)` \| (\w+) \|([^|]*)\| .+ \|$/gm)
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label).toSorted() },
    ]),
  )
}

/** The metrics of a text that Prometheus scrapes, by name. */
function metricsOf(exposition: string): ReadonlyMap<string, Metric> {
  const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Map(
    types.map(([, name = '', type = '']) => {
      const sample =
        new RegExp(String.raw`^${name}(?:_bucket)?\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\} `, 'm').exec(
          exposition,
        )?.[1] ?? ''
      const labels = [...sample.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label = '']) => label)
      return [name, { type, labels: labels.filter(label => label !== 'le').toSorted() }]
    }),
  )
}

t.test('the page has every metric that is served, and no other', async t => {
  const actual = metricsOf(await allMetrics())
  t.strictSame([...shown().keys()].toSorted(), [...actual.keys()].toSorted())
  for (const [name, metric] of actual) t.strictSame(shown().get(name), metric, name)
})

t.test('every query is about metrics that are there', async t => {
  const known = [...shown().keys()].flatMap(name => [name, `${name}_bucket`])
  const queries = blocksOf('docs/metrics.md').filter(({ language }) => language === 'promql')
  t.ok(queries.length > 10)
  for (const { text } of queries)
    for (const [name] of text.matchAll(/\bpatchline_\w+/g)) t.ok(known.includes(name), `${name}: ${text}`)
})

t.test('every alert is named', async t => {
  const alerts = [...textOf('manifests/monitoring/prometheusrule.yaml').matchAll(/- alert: (\w+)/g)]
  t.ok(alerts.length > 15)
  for (const [, alert = ''] of alerts) t.match(page, `[${alert}](runbooks.md#${alert.toLowerCase()})`)
})
