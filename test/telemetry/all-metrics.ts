import { text as textOfStream } from 'node:stream/consumers'
import { createDriftExposition, createMetrics } from '../../src/telemetry/index.ts'
import { report } from '../notification/reports.ts'

/** Everything that a webhook and an audit expose, each metric with a value. */
export async function allMetrics(): Promise<string> {
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
  metrics.countEmergency('shop', 'production')
  metrics.observeDuration('validate', 0.0007)
  metrics.countVerdict('outdated')
  metrics.countLookup('docker.io', 'listed')
  metrics.countRegistryRequest({ registry: 'docker.io', outcome: 'ok', milliseconds: 120 })
  metrics.countDiskError('corrupt')
  metrics.setCertificateExpiry(1_800_000_000_000)
  metrics.setCertificateRenewal(1_790_000_000_000)
  metrics.setAuthorityExpiry(1_900_000_000_000)
  metrics.countRepair('validatingwebhookconfigurations', 'bundle')
  const audit = metrics.forAudit(['slack'])
  const found = report([
    {
      newest: '1.25.5',
      since: 1_700_000_000_500,
      age: 60_000,
      name: 'a"b\\c\nd',
      container: '} 1\n# x\r\0é',
    },
    { name: 'b', verdict: 'unknown' },
    { name: 'c', exempt: true },
  ])
  audit.audited(found)
  const exposition = createDriftExposition({ level: 'workload', mostSeries: 100 })
  await exposition.update(found)
  audit.exposed(exposition.size())
  return (await metrics.text()) + (await textOfStream(exposition.plain()))
}
