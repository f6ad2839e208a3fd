import t from 'tap'
import { createMetrics } from '../../src/telemetry/index.ts'

const create = (size = { repositories: 0, tags: 0 }) =>
  createMetrics({ version: '1.2.3', registries: ['docker.io', 'ghcr.io'], catalogSize: () => size })

t.test('every metric, as it is scraped', async t => {
  const metrics = create({ repositories: 2, tags: 300 })
  metrics.countRequest('validate', 'CREATE', 'warned')
  metrics.countRequest('validate', 'CREATE', 'warned')
  metrics.countRequest('mutate', 'PATCH\n"', 'allowed')
  metrics.observeDuration('validate', 0.0007)
  metrics.countVerdict('outdated')
  metrics.countLookup('ghcr.io', 'listed')
  metrics.countLookup('evil.example.com', 'not-allowed')
  metrics.setCertificateExpiry(1_800_000_000_500)
  const text = await metrics.text()
  const lines = text
    .split('\n')
    .filter(line => !line.startsWith('#') && !line.includes('_bucket') && line !== '')
  t.strictSame(lines.toSorted(), [
    'patchline_admission_duration_seconds_count{endpoint="validate"} 1',
    'patchline_admission_duration_seconds_sum{endpoint="validate"} 0.0007',
    'patchline_admission_requests_total{endpoint="mutate",operation="other",decision="allowed"} 1',
    'patchline_admission_requests_total{endpoint="validate",operation="CREATE",decision="warned"} 2',
    `patchline_build_info{version="1.2.3",node_version="${process.version}"} 1`,
    'patchline_catalog_repositories 2',
    'patchline_catalog_tags 300',
    'patchline_images_evaluated_total{verdict="outdated"} 1',
    'patchline_tag_lookups_total{registry="ghcr.io",outcome="listed"} 1',
    'patchline_tag_lookups_total{registry="other",outcome="not-allowed"} 1',
    'patchline_webhook_certificate_expiry_timestamp_seconds 1800000000.5',
  ])
  t.match(text, 'patchline_admission_duration_seconds_bucket{le="0.001",endpoint="validate"} 1\n')
  t.equal(metrics.contentType, 'text/plain; version=0.0.4; charset=utf-8')
})

t.test('the rules of promtool check metrics hold', async t => {
  const text = await create().text()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name = '', type = '']) => [name, type] as const,
  )
  t.equal(types.length, 8)
  for (const [name, type] of types) {
    t.match(name, /^patchline_[a-z_]+$/)
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
    t.match(text, new RegExp(`^# HELP ${name} [A-Z].+$`, 'm'))
  }
})

t.test('two of them do not meet', async t => {
  const [one, other] = [create(), create()]
  one.countVerdict('current')
  t.notMatch(await other.text(), 'verdict="current"')
})
