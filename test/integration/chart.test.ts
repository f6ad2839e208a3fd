import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { currentManifests } from '../../scripts/chart/current-manifests.ts'
import { readConfig } from '../../src/config/index.ts'
import { at, itemsOf } from '../../src/json/index.ts'
import { rulesOf } from '../../src/kubernetes/webhook/patch-webhook-rules.ts'
import { customKinds } from '../../src/workload/index.ts'
import { chart, differences, helms, renderChart, type Rendered } from '../support/kubernetes/chart.ts'
import { valueSets } from '../support/kubernetes/chart-values.ts'
import { execute } from '../support/program/execute.ts'
import { toolPath } from '../support/program/tool-path.ts'

// The chart as Helm 3 and Helm 4 render it, without a cluster.
const manifests = join(import.meta.dirname, '../../manifests')
const defaults = await renderChart({})

await t.test('the manifests are what the chart renders', async t => {
  for (const { path, text } of await currentManifests())
    t.equal(readFileSync(join(manifests, path), 'utf8'), text, `${path}: npm run manifests writes it`)
})

for (const helm of helms)
  await t.test(`${helm} finds nothing to complain about`, async t => {
    const { code, stdout, stderr } = await execute(toolPath(helm), ['lint', '--strict', chart])
    t.equal(code, 0, stdout + stderr)
    t.notMatch(stdout, /WARNING|ERROR/)
  })

await t.test(
  'nothing is made anew when it is rendered again: Argo CD would see a change each time',
  async t => {
    t.equal((await renderChart({})).text, defaults.text)
  },
)

for (const helm of helms)
  await t.test(`${helm} says which value is none`, async t => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ webhok: {} }, /additional properties 'webhok' not allowed/],
      [{ config: { mode: 'wran' } }, /\/config\/mode'?: value must be one of/],
      [{ config: { adit: {} } }, /additional properties 'adit' not allowed/],
      [{ tls: { path: 'short' } }, /\/tls\/path/],
      [{ rbac: { namespaced: true } }, /rbac\.namespaced needs config\.audit\.namespaces/],
      [{ audit: { serviceAccount: { create: false } } }, /audit\.serviceAccount\.name is needed where/],
    ]
    for (const [values, message] of cases) {
      const { code, stderr } = await renderChart(values, { helm })
      t.equal(code, 1, JSON.stringify(values))
      t.match(stderr, message)
    }
    t.equal((await renderChart({ global: { any: 1 } }, { helm })).code, 0)
  })

await t.test('these are the objects of the defaults', async t => {
  t.matchSnapshot(differences({ ...defaults, objects: [] }, defaults).join('\n'))
})

for (const [title, values] of Object.entries(valueSets))
  await t.test(`values: ${title}`, async t => {
    const three = await renderChart(values)
    t.equal(three.code, 0, three.stderr)
    const four = await renderChart(values, { helm: 'helm4' })
    t.strictSame(differences(three, four), [], 'Helm 4 renders the same')
    t.matchSnapshot(differences(defaults, three).join('\n'))
    t.doesNotThrow(() => configOf(three), 'Patchline reads the configuration')
  })

await t.test('a server before 1.28 gets no matchConditions, unless the values say so', async t => {
  const all = [
    'no-child-of-built-in-controller',
    'no-child-of-built-in-controller',
    'labels-of-namespace-change',
  ]
  const none = [undefined, undefined, undefined]
  for (const [kubernetes, matchConditions, expected] of [
    ['1.27.9', 'auto', none],
    ['1.28.0-gke.1', 'auto', all],
    ['1.27.9', 'always', all],
    ['1.37.0', 'never', none],
  ] as const)
    t.strictSame(
      conditions(await renderChart({ webhook: { matchConditions } }, { kubernetes })),
      expected,
      `${kubernetes} ${matchConditions}`,
    )
  const old = await renderChart({}, { kubernetes: '1.24.17' })
  t.match(old.stderr, /requires kubeVersion: >=1\.25\.0-0 which is incompatible with Kubernetes v1\.24\.17/)
  t.equal((await renderChart({}, { kubernetes: '1.25.16-eks-abc' })).code, 0)
})

await t.test('the rules for custom kinds are those of `patchline certs --patch --config`', async t => {
  const kinds = ['Proxy', 'Mesh', 'Rollout', 'Bus', 'Day', 'Box'].map(kind => ({
    group: `${kind.toLowerCase()}.example.com`,
    kind,
    podTemplate: 'spec.template',
  }))
  const { objects } = await renderChart({ config: { workloads: kinds } })
  for (const webhook of objects.flatMap(object => itemsOf(at(object, ['webhooks'])))) {
    if (at(webhook, ['name']) === 'policies.patchline.dev') continue
    t.strictSame(itemsOf(at(webhook, ['rules'])).slice(-kinds.length), rulesOf(customKinds(kinds)))
  }
})

await t.test('every hook has the image of Patchline, and can be left out', async t => {
  const images = new Set([...defaults.text.matchAll(/^\s+image: (\S+)$/gm)].map(([, image]) => image))
  t.strictSame([...images], ['ghcr.io/patchline/patchline:0.1.0'])
  const { objects } = await renderChart(valueSets['no hooks and no definitions'] ?? {})
  t.notOk(objects.some(object => at(object, ['metadata', 'annotations', 'helm.sh/hook']) !== undefined))
})

await t.test('every pod is one that the restricted profile takes', async t => {
  const pods = defaults.objects
    .map(object =>
      at(object, ['kind']) === 'Pod' ? at(object, ['spec']) : at(object, ['spec', 'template', 'spec']),
    )
    .filter(spec => spec !== undefined)
  t.equal(pods.length, 6)
  for (const pod of pods) {
    t.match(pod, { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } })
    for (const container of itemsOf(at(pod, ['containers'])))
      t.strictSame(at(container, ['securityContext']), {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  }
})

/** A name that is taken of releases, and one that people set. */
const names: readonly (readonly [release: string, values: object, name: string])[] = [
  ['patchline', {}, 'patchline'],
  ['images', {}, 'images-patchline'],
  ['my-patchline-two', {}, 'my-patchline-two'],
  ['a.b', {}, 'a-b-patchline'],
  ['x'.repeat(53), {}, `${'x'.repeat(31)}-`],
  [`${'x'.repeat(52)}y`, {}, `${'x'.repeat(31)}-`],
  [`${'x'.repeat(30)}-${'y'.repeat(22)}`, {}, `${'x'.repeat(30)}-`],
  ['images', { nameOverride: 'watch' }, 'images-watch'],
  ['images', { fullnameOverride: 'a'.repeat(40) }, 'a'.repeat(40)],
]
await t.test('no name is too long, and two releases have two names', async t => {
  const found = new Set<string>()
  for (const [release, values, name] of names) {
    const all = { ...valueSets['cert-manager with an authority of its own'], ...values }
    const { code, objects, stderr } = await renderChart(all, { release })
    t.equal(code, 0, stderr)
    const own = objects
      .filter(object => at(object, ['kind']) !== 'CustomResourceDefinition')
      .map(object => String(at(object, ['metadata', 'name'])))
    for (const each of own) t.match(each, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, each)
    for (const label of JSON.stringify(objects).matchAll(/"app\.kubernetes\.io\/\w+":"([^"]*)"/g))
      t.ok((label[1] ?? '').length <= 63, label[0])
    const shortest = own.toSorted((one, other) => one.length - other.length)[0] ?? ''
    t.ok(shortest.startsWith(name), `${shortest} begins with ${name}`)
    found.add(shortest)
  }
  t.equal(found.size, names.length)
})

await t.test('a large number of the configuration stays a number', async t => {
  const config = configOf(await renderChart({ config: { catalog: { maximumTags: 3_000_000 } } }))
  t.equal(config.catalog.maximumTags, 3_000_000)
})

await t.test('the configuration of managed certificates has the names of the release', async t => {
  for (const [release, name] of [
    ['patchline', 'patchline'],
    ['images', 'images-patchline'],
  ] as const)
    t.match(configOf(await renderChart({}, { release })).webhook.certificates, {
      source: 'managed',
      service: name,
      configuration: name,
    })
  const { pathFile } = configOf(await renderChart({ tls: { source: 'existingSecret' } })).webhook
  t.equal(pathFile, '/etc/patchline/tls/path')
})

function conditions({ objects }: Rendered): readonly unknown[] {
  return objects
    .flatMap(object => itemsOf(at(object, ['webhooks'])))
    .map(webhook => at(itemsOf(at(webhook, ['matchConditions']))[0], ['name']))
}

function configOf({ objects }: Rendered) {
  const map = objects.find(
    object => at(object, ['kind']) === 'ConfigMap' && at(object, ['data', 'patchline.yaml']) !== undefined,
  )
  const text = String(at(map, ['data', 'patchline.yaml']))
  // YAML 1.1 and 1.2 read the same.
  t.strictSame(parse(text, { version: '1.1' }), parse(text))
  return readConfig(text, { environment: {}, readFile: () => '', baseDirectory: '/' })
}
