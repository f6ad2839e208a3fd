import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { chartFiles } from '../../scripts/chart/chart-files.ts'
import { manifestFiles } from '../../scripts/chart/rendered-manifests.ts'
import { valueRows, valuesTable } from '../../scripts/chart/values-table.ts'
import { valuesSchema } from '../../scripts/chart/values-schema.ts'
import { schema as configuration } from '../../src/config/schema/schema.ts'
import { at } from '../../src/json/index.ts'

const root = join(import.meta.dirname, '../..')
const chart = join(root, 'charts/patchline')
const read = (path: string): string => readFileSync(join(chart, path), 'utf8')
const schema: object = JSON.parse(valuesSchema())
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
const defaults: object = parse(read('values.yaml'))

t.test('the schema and the table of values are what the scripts make', t => {
  for (const { path, text } of chartFiles(root))
    t.equal(readFileSync(join(root, path), 'utf8'), text, `${path}: npm run chart writes it`)
  t.end()
})

t.test('the dashboard and the alerts of the chart are those of the manifests', t => {
  t.equal(
    readFileSync(join(root, 'manifests/monitoring/dashboard.json'), 'utf8'),
    read('files/dashboard.json'),
  )
  const rule: unknown = parse(readFileSync(join(root, 'manifests/monitoring/prometheusrule.yaml'), 'utf8'))
  t.strictSame(at(rule, ['spec', 'groups']), parse(read('files/alerts.yaml')))
  t.end()
})

t.test('the defaults follow the schema, and every default has its place in it', t => {
  t.ok(validate(defaults), JSON.stringify(validate.errors))
  const keys = Object.keys(defaults)
  t.strictSame(keys.toSorted(), Object.keys(Object(at(schema, ['properties']))).toSorted())
  t.end()
})

t.test('the schema is whole in itself', t => {
  const text = valuesSchema()
  t.notMatch(text, /"\$ref"|"format"/)
  t.match(Object.keys(Object(at(schema, ['properties', 'config', 'properties']))), [
    'mode',
    'strategy',
    'controllers',
  ])
  const sections = Object.keys(configuration.properties).filter(key => key !== 'ownNamespace')
  t.strictSame(Object.keys(Object(at(schema, ['properties', 'config', 'properties']))), sections)
  t.end()
})

const refused: readonly (readonly [values: object, path: string])[] = [
  [{ webhok: {} }, ''],
  [{ webhook: { replica: 3 } }, '/webhook'],
  [{ webhook: { failurePolicy: 'ignore' } }, '/webhook/failurePolicy'],
  [{ webhook: { timeoutSeconds: 31 } }, '/webhook/timeoutSeconds'],
  [{ webhook: { podDisruptionBudget: { minAvailable: 1 } } }, '/webhook/podDisruptionBudget'],
  [{ image: { tag: 1.1 } }, '/image/tag'],
  [{ image: { digest: 'sha256:1' } }, '/image/digest'],
  [{ config: { mode: 'wran' } }, '/config/mode'],
  [{ config: { mode: false } }, '/config/mode'],
  [{ config: { audit: { intervalMinute: 5 } } }, '/config/audit'],
  [{ config: { webhook: { keyFile: '/tmp/key' } } }, '/config/webhook'],
  [{ config: { ownNamespace: 'other' } }, '/config'],
  [{ config: { registries: [{ hosts: 'x' }] } }, '/config/registries/0'],
  [{ tls: { source: 'genCA' } }, '/tls/source'],
  [{ tls: { path: 'short' } }, '/tls/path'],
  [{ fullnameOverride: 'Upper' }, '/fullnameOverride'],
  [{ fullnameOverride: 'a'.repeat(41) }, '/fullnameOverride'],
  [{ metrics: { readers: [{ name: 'prometheus' }] } }, '/metrics/readers/0'],
]
for (const [values, path] of refused)
  t.test(`${JSON.stringify(values)} is refused`, t => {
    t.notOk(validate(values))
    t.ok(
      validate.errors?.some(({ instancePath }) => instancePath === path),
      JSON.stringify(validate.errors),
    )
    t.end()
  })

t.test('what people set is taken', t => {
  for (const values of [
    { global: { imageRegistry: 'registry.example.com' } },
    { config: { registries: [{ host: 'registry.example.com' }], notifications: {} } },
    { config: { workloads: [{ group: 'example.com', kind: 'App', podTemplate: 'spec.template' }] } },
    { webhook: { podDisruptionBudget: { maxUnavailable: '50%' } } },
    { image: { digest: `sha256:${'0'.repeat(64)}` } },
  ])
    t.ok(validate(values), `${JSON.stringify(values)}: ${JSON.stringify(validate.errors)}`)
  t.end()
})

t.test('every value has a comment, and a row', t => {
  const rows = valueRows(read('values.yaml'))
  t.ok(rows.length > 80)
  t.ok(rows.some(({ key }) => key === 'webhook.serviceAccount.annotations'))
  t.strictSame(valueRows("# One.\na: 1\n# A map.\nb:\n  c: [x]\n# Rooms.\nd:\n  # An | e.\n  e: ''\n"), [
    { key: 'a', default: '1', description: 'One.' },
    { key: 'b', default: '{"c":["x"]}', description: 'A map.' },
    { key: 'd.e', default: '""', description: 'An | e.' },
  ])
  t.equal(
    valuesTable([{ key: 'a', default: '1', description: 'x | y' }]),
    '| value | default | what it does |\n|---|---|---|\n| `a` | `1` | x \\| y |\n',
  )
  t.throws(() => valueRows('a: 1\n'), new Error('a has no comment in values.yaml'))
  t.throws(() => valueRows('[]\n'), new Error('values.yaml is not a mapping'))
  t.end()
})

t.test('a template that renders nothing is an error of the manifests', t => {
  t.throws(
    () =>
      manifestFiles({
        usual: '---\n# Source: patchline/templates/other.yaml\na: 1\n',
        withAnnotations: '',
        managed: '',
      }),
    new Error('the chart renders nothing of templates/audit/deployment.yaml'),
  )
  t.end()
})

t.test('Chart.yaml says all that Artifact Hub reads', t => {
  const about: unknown = parse(read('Chart.yaml'))
  t.equal(at(about, ['kubeVersion']), '>=1.25.0-0')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.equal(at(about, ['appVersion']), version)
  const parts = (name: string): readonly unknown[] =>
    parse(String(at(about, ['annotations', `artifacthub.io/${name}`])))
  t.match(parts('images'), [{ name: 'patchline', image: `ghcr.io/patchline/patchline:${version}` }])
  t.ok(parts('changes').length > 0)
  for (const name of ['license', 'links', 'category', 'prerelease', 'operator', 'containsSecurityUpdates'])
    t.type(at(about, ['annotations', `artifacthub.io/${name}`]), 'string', name)
  const definitions = ['patchpolicies', 'patchexceptions'].flatMap(plural =>
    parseAllDocuments(read(`files/crds/${plural}.yaml`)).map(document => document.toJS()),
  )
  t.match(
    parts('crds'),
    definitions.map(({ spec, metadata }) => ({
      kind: spec.names.kind,
      name: metadata.name,
      version: 'v1alpha1',
    })),
  )
  t.strictSame(
    parts('crdsExamples').map(example => at(example, ['kind'])),
    definitions.map(({ spec }) => spec.names.kind),
  )
  t.end()
})

t.test('the values that the pages show are values', t => {
  const page = readFileSync(join(root, 'docs/install.md'), 'utf8')
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  t.ok(blocks.length > 0)
  for (const block of blocks) t.ok(validate(parse(block)), `${block}${JSON.stringify(validate.errors)}`)
  const named = [...page.matchAll(/`([a-z]\w*(?:\.\w+)+)(?:: [^`]*)?`/gi)].map(([, path = '']) =>
    path.split('.'),
  )
  const files = new Set(['tls.crt', 'tls.key'])
  const keys = named.filter(key => (key[0] ?? '') in defaults && !files.has(key.join('.')))
  t.ok(keys.length > 15)
  for (const key of keys)
    t.ok(at(schema, ['properties', ...key.join('.properties.').split('.')]) !== undefined, key.join('.'))
  t.end()
})
