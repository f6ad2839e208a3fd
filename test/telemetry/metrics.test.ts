import t from 'tap'
import { createMetrics, type CatalogState, type RegistryState } from '../../src/telemetry/index.ts'

const nothing: CatalogState = { repositories: 0, tags: 0, bytes: 0, oldestAge: 0 }

const create = (size = nothing, state?: RegistryState) =>
  createMetrics({
    version: '1.2.3',
    registries: ['docker.io', 'ghcr.io'],
    catalogSize: () => size,
    ...(state !== undefined && { registryState: () => state }),
  })

t.test('every metric, as it is scraped', async t => {
  const metrics = create(
    { repositories: 2, tags: 300, bytes: 9_000, oldestAge: 90_500 },
    {
      budgets: [
        { registry: 'docker.io', remaining: 80 },
        { registry: 'docker.io', remaining: 76 },
        { registry: 'docker.io', remaining: 99 },
      ],
      circuits: [
        { registry: 'docker.io', position: 'closed' },
        { registry: 'ghcr.io', position: 'half-open' },
        { registry: 'ghcr.io', position: 'closed' },
        { registry: 'evil.example.com', position: 'open' },
      ],
    },
  )
  metrics.countRequest('validate', 'CREATE', 'warned')
  metrics.countRequest('validate', 'CREATE', 'warned')
  metrics.countRequest('mutate', 'PATCH\n"', 'allowed')
  metrics.observeDuration('validate', 0.0007)
  metrics.countVerdict('outdated')
  metrics.countLookup('ghcr.io', 'listed')
  metrics.countLookup('evil.example.com', 'not-allowed')
  metrics.countRegistryRequest({ registry: 'ghcr.io', outcome: 'ok', milliseconds: 120 })
  metrics.countRegistryRequest({ registry: 'ghcr.io', outcome: 'ok', milliseconds: 130 })
  metrics.countRegistryRequest({ registry: 'ghcr.io', outcome: 'timeout', milliseconds: 20_000 })
  metrics.countRegistryRequest({ registry: 'evil.example.com', outcome: 'not-allowed', milliseconds: 0 })
  metrics.countDiskError('corrupt')
  metrics.setCertificateExpiry(1_800_000_000_500)
  metrics.setConfigurationChanged(true)
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
    'patchline_catalog_bytes 9000',
    'patchline_catalog_disk_errors_total{kind="corrupt"} 1',
    'patchline_catalog_oldest_age_seconds 90.5',
    'patchline_catalog_repositories 2',
    'patchline_catalog_tags 300',
    'patchline_configuration_changed 1',
    'patchline_images_evaluated_total{verdict="outdated"} 1',
    'patchline_registry_circuit_open{registry="docker.io"} 0',
    'patchline_registry_circuit_open{registry="ghcr.io"} 1',
    'patchline_registry_circuit_open{registry="other"} 1',
    'patchline_registry_ratelimit_remaining{registry="docker.io"} 76',
    'patchline_registry_request_duration_seconds_count{registry="ghcr.io"} 3',
    'patchline_registry_request_duration_seconds_count{registry="other"} 1',
    'patchline_registry_request_duration_seconds_sum{registry="ghcr.io"} 20.25',
    'patchline_registry_request_duration_seconds_sum{registry="other"} 0',
    'patchline_registry_requests_total{registry="ghcr.io",outcome="ok"} 2',
    'patchline_registry_requests_total{registry="ghcr.io",outcome="timeout"} 1',
    'patchline_registry_requests_total{registry="other",outcome="not-allowed"} 1',
    'patchline_tag_lookups_total{registry="ghcr.io",outcome="listed"} 1',
    'patchline_tag_lookups_total{registry="other",outcome="not-allowed"} 1',
    'patchline_webhook_certificate_expiry_timestamp_seconds 1800000000.5',
  ])
  t.match(text, 'patchline_admission_duration_seconds_bucket{le="0.001",endpoint="validate"} 1\n')
  t.match(text, 'patchline_registry_request_duration_seconds_bucket{le="30",registry="ghcr.io"} 3\n')
  t.equal(metrics.contentType, 'text/plain; version=0.0.4; charset=utf-8')
})

t.test('the rules of promtool check metrics hold', async t => {
  const text = await create(undefined, { budgets: [], circuits: [] }).text()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name = '', type = '']) => [name, type] as const,
  )
  t.equal(types.length, 22)
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

t.test('what is not known has no line', async t => {
  const state = { budgets: [{ registry: 'ghcr.io', remaining: 5 }], circuits: [] }
  const metrics = create(nothing, state)
  t.match(await metrics.text(), '\npatchline_registry_ratelimit_remaining{registry="ghcr.io"} 5\n')
  state.budgets.pop()
  const text = await metrics.text()
  t.notMatch(text, /^patchline_registry_ratelimit_remaining/m)
  t.notMatch(text, /^patchline_registry_circuit_open/m)
  t.notMatch(text, /^patchline_catalog_(?:oldest_age_seconds) /m)
  t.match(text, '\npatchline_catalog_tags 0\n')
})
