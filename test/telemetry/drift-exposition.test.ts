import assert from 'node:assert/strict'
import { buffer, text as textOfStream } from 'node:stream/consumers'
import { constants, crc32, inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { Gauge, Registry } from 'prom-client'
import t from 'tap'
import { families, totals } from '../../src/telemetry/drift-series.ts'
import { createDriftExposition, type DriftExposition } from '../../src/telemetry/drift-exposition.ts'
import { report, type Row } from '../notification/reports.ts'

const usual = { level: 'workload', mostSeries: 50_000 } as const

const textOf = (exposition: DriftExposition): Promise<string> => textOfStream(exposition.plain())

async function exposed(
  rows: readonly Row[],
  options: Parameters<typeof createDriftExposition>[0] = usual,
): Promise<string> {
  const exposition = createDriftExposition(options)
  await exposition.update({ ...report(rows), finishedAt: 1_700_000_000_000 })
  return textOf(exposition)
}

const seriesOf = (text: string): readonly string[] =>
  text.split('\n').filter(line => line !== '' && !line.startsWith('#'))

t.test('a report', async t => {
  const web =
    'namespace="default",workload_kind="Deployment",workload="web",container="web",registry="docker.io",repository="library/nginx"'
  const db =
    'namespace="shop",workload_kind="StatefulSet",workload="db",container="db",registry="docker.io",repository="library/redis"'
  t.equal(
    await exposed([
      { newest: '1.25.5', since: 1_699_000_000_500 },
      {
        namespace: 'shop',
        kind: 'StatefulSet',
        name: 'db',
        container: 'db',
        image: 'redis:7.2.1',
        verdict: 'unknown',
      },
    ]),
    `# HELP patchline_images Containers by namespace and verdict
# TYPE patchline_images gauge
patchline_images{namespace="default",verdict="outdated"} 1
patchline_images{namespace="shop",verdict="unknown"} 1

# HELP patchline_images_if_enforced Containers by namespace and by what mode enforce would do about them now: refused, allowed, or allowed because of grace, exception, break-glass, stale or unproven data
# TYPE patchline_images_if_enforced gauge
patchline_images_if_enforced{namespace="default",outcome="allowed"} 1
patchline_images_if_enforced{namespace="shop",outcome="allowed"} 1

# HELP patchline_image_patches_behind How many newer versions the strategy allows, or image revisions where the tags of a line count those; 0 for a current image, absent where there is no verdict
# TYPE patchline_image_patches_behind gauge
patchline_image_patches_behind{${web}} 4

# HELP patchline_image_newer_patch_published_timestamp_seconds Since when something newer exists: when it was published, or else first seen; absent where not known
# TYPE patchline_image_newer_patch_published_timestamp_seconds gauge
patchline_image_newer_patch_published_timestamp_seconds{${web}} 1699000000.5

# HELP patchline_image_info Always 1; the labels say which version runs, which is the newest and what that means
# TYPE patchline_image_info gauge
patchline_image_info{${web},current="1.25.1",newest="1.25.5",verdict="outdated"} 1
patchline_image_info{${db},current="7.2.1",newest="",verdict="unknown"} 1

# HELP patchline_image_check_failed 1 where the tags could not be had, else 0
# TYPE patchline_image_check_failed gauge
patchline_image_check_failed{${web}} 0
patchline_image_check_failed{${db}} 1

# HELP patchline_image_check_timestamp_seconds As of when the registry said so; absent where it never did
# TYPE patchline_image_check_timestamp_seconds gauge
patchline_image_check_timestamp_seconds{${web}} 1700000000
patchline_image_check_timestamp_seconds{${db}} 1700000000
`,
  )
})

t.test('before the first report there is no byte', async t => {
  const exposition = createDriftExposition(usual)
  t.same(exposition.compressed(), { pieces: [], size: 0, crc32: 0 })
  t.equal(await textOf(exposition), '')
  t.same(exposition.size(), { series: 0, dropped: 0 })
})

t.test('series of what is gone are gone', async t => {
  const exposition = createDriftExposition(usual)
  await exposition.update(report([{ newest: '1.25.5' }, { name: 'db' }]))
  t.match(await textOf(exposition), /workload="db"/)
  await exposition.update(report([{ newest: '1.25.5' }]))
  t.notMatch(await textOf(exposition), /workload="db"/)
  const { pieces, size, crc32: sum } = exposition.compressed()
  const text = await textOf(exposition)
  t.same([size, sum], [Buffer.byteLength(text), crc32(text)])
  const unended = { finishFlush: constants.Z_SYNC_FLUSH }
  t.equal(inflateRawSync(Buffer.concat(pieces), unended).toString(), text)
})

t.test('what was begun later stays, whichever is done first', async t => {
  const exposition = createDriftExposition(usual)
  const many = Array.from({ length: 3_000 }, (_, at): Row => ({ name: `w${at}` }))
  await Promise.all([exposition.update(report(many)), exposition.update(report([{ name: 'late' }]))])
  t.match(await textOf(exposition), /workload="late"/)
  t.notMatch(await textOf(exposition), /workload="w1"/)
})

t.test(
  'a reader that goes leaves nothing open; one that began before an update reads the old text',
  async t => {
    const exposition = createDriftExposition(usual)
    const many = Array.from({ length: 3_000 }, (_, at): Row => ({ name: `w${at}` }))
    await exposition.update(report(many))
    const whole = await textOf(exposition)
    const [gone, slow] = [exposition.plain(), exposition.plain()]
    await new Promise(resolve => gone.once('readable', resolve))
    gone.destroy()
    await exposition.update(report([]))
    t.equal((await buffer(slow)).toString(), whole)
    t.ok(gone.destroyed)
  },
)

t.test('two rows of one container are one series, the outdated one', async t => {
  const text = await exposed([{ image: 'nginx:1.25.5' }, { newest: '1.25.5' }])
  t.equal(text.match(/^patchline_image_info/gm)?.length, 1)
  t.match(text, /^patchline_image_patches_behind\{.*\} 4$/m)
  t.match(text, /^patchline_images\{namespace="default",verdict="current"\} 1$/m, 'both count')
})

t.test('what is exempt is told, and found neither behind nor failing', async t => {
  const lines = seriesOf(await exposed([{ newest: '1.25.5', since: 5, exempt: true }]))
  t.same(
    lines.map(line => line.replace(/\{.*,verdict/, '{verdict').replace(/\{namespace.*\}/, '{}')),
    [
      'patchline_images{verdict="exempt"} 1',
      'patchline_image_info{verdict="exempt"} 1',
      'patchline_image_check_timestamp_seconds{} 1700000000',
    ],
  )
})

t.test('the cap keeps what alerts need of what is outdated, and counts the rest', async t => {
  const rows = Array.from({ length: 100 }, (_, at): Row => ({
    name: `w${at}`,
    ...(at >= 90 && { newest: '1.25.5', since: 1 }),
  }))
  const exposition = createDriftExposition({ level: 'workload', mostSeries: 13 })
  await exposition.update(report(rows))
  t.same(exposition.size(), { series: 13, dropped: 3 + 410 - 13 })
  const lines = seriesOf(await textOf(exposition))
  t.equal(lines.length, 13)
  t.equal(lines.filter(line => /^patchline_image_patches_behind\{.* 4$/.test(line)).length, 10)
})

t.test('levels', async t => {
  const rows = [{ newest: '1.25.5' }, { name: 'x', exempt: true }]
  t.equal(await exposed(rows, { ...usual, level: 'off' }), '')
  t.same(seriesOf(await exposed(rows, { ...usual, level: 'namespace' })), [
    'patchline_images{namespace="default",verdict="outdated"} 1',
    'patchline_images{namespace="default",verdict="exempt"} 1',
    'patchline_images_if_enforced{namespace="default",outcome="allowed"} 1',
  ])
})

// What a hostile cluster may name: control characters, quotes, halves of surrogate pairs, names without end.
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', '=', ' ', '#', '\r', '\0', '\ud800', 'é'),
  }),
  fc.string({ minLength: 250, maxLength: 300 }),
)
const row = fc.record({
  namespace: nasty,
  kind: nasty,
  name: nasty,
  container: nasty,
  image: fc.constantFrom('nginx:1.25.1', 'ghcr.io/a/b:2', '!'),
  verdict: fc.constantFrom('outdated', 'current', 'floating', 'unversioned', 'unknown'),
  newest: nasty,
  since: fc.integer({ min: 0 }),
  exempt: fc.boolean(),
})

const ids = ['namespace', 'workload_kind', 'workload', 'container', 'registry', 'repository']

// The label besides the namespace.
const ofTotals = new Map([
  ['patchline_images', 'verdict'],
  ['patchline_images_if_enforced', 'outcome'],
])

/** The same families in prom-client, fed with the labels that the text says. */
async function byPromClient(text: string): Promise<string> {
  const registry = new Registry()
  for (const { name, help } of [...totals, ...families]) {
    const labelNames = ofTotals.has(name)
      ? ['namespace', ofTotals.get(name) ?? '']
      : [...ids, ...(name === 'patchline_image_info' ? ['current', 'newest', 'verdict'] : [])]
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const line of seriesOf(text).filter(line => line.startsWith(`${name}{`)))
      gauge.set(labelsIn(line.slice(name.length)), Number(line.slice(line.lastIndexOf(' '))))
  }
  return registry.metrics()
}

function labelsIn(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gs)]
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/gs, (_, one: string) => (one === 'n' ? '\n' : one)),
    ]),
  )
}

t.test('whatever a cluster names, the bytes are those of prom-client', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), async rows => {
      const text = await exposed(rows)
      assert.equal(await byPromClient(text), text)
    }),
    { numRuns: 200 },
  )
})
