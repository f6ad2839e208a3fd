import { Registry } from 'prom-client'
import t from 'tap'
import { addAuditMetrics } from '../../src/telemetry/audit-metrics.ts'
import { report } from '../notification/reports.ts'

const linesOf = async (registry: Registry): Promise<readonly string[]> =>
  (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))

t.test('before anything happened', async t => {
  const registry = new Registry()
  addAuditMetrics(registry, ['slack'])
  t.strictSame(await linesOf(registry), [
    'patchline_policy_reports_written_total 0',
    'patchline_policy_reports_foreign 0',
    'patchline_policy_reports_pending 0',
    'patchline_inventory_synced 0',
    'patchline_leader 0',
    'patchline_notifications_total{channel="slack",outcome="delivered"} 0',
    'patchline_notifications_total{channel="slack",outcome="temporary"} 0',
    'patchline_notifications_total{channel="slack",outcome="permanent"} 0',
    'patchline_metrics_series 0',
    'patchline_metrics_dropped_series_total 0',
  ])
})

t.test('every metric, as it is scraped', async t => {
  const registry = new Registry()
  const metrics = addAuditMetrics(registry)
  const rows = [
    { name: 'a' },
    { name: 'a', container: 'proxy' },
    { name: 'b', newest: '1.25.5', overdue: true },
  ]
  const first = { ...report([{ name: 'gone' }]), startedAt: 1, finishedAt: 2 }
  metrics.audited(first)
  metrics.audited({
    ...report(rows, false),
    startedAt: 1_700_000_000_000,
    finishedAt: 1_700_000_012_500,
    problems: ['pods may not be listed'],
  })
  metrics.setSynced(true)
  metrics.setLeader(true)
  metrics.setLeader(false)
  metrics.countDelivery({ channel: 'mail', outcome: 'permanent' })
  metrics.countDelivery({ channel: 'mail', outcome: 'delivered' })
  metrics.countDelivery({ channel: 'mail', outcome: 'delivered' })
  metrics.exposed({ series: 50_000, dropped: 20 })
  metrics.exposed({ series: 49_000, dropped: 0 })
  metrics.countReportsWritten(3)
  metrics.setForeignReports(2)
  metrics.countReportsWritten(0)
  metrics.setReportsPending(7)
  t.strictSame((await linesOf(registry)).toSorted(), [
    'patchline_audit_duration_seconds 12.5',
    'patchline_audit_last_success_timestamp_seconds 1700000012.5',
    'patchline_audit_overdue_containers 1',
    'patchline_audit_problems 1',
    'patchline_audit_workloads 2',
    'patchline_inventory_synced 1',
    'patchline_leader 0',
    'patchline_metrics_dropped_series_total 20',
    'patchline_metrics_series 49000',
    'patchline_notifications_total{channel="mail",outcome="delivered"} 2',
    'patchline_notifications_total{channel="mail",outcome="permanent"} 1',
    'patchline_policy_reports_foreign 2',
    'patchline_policy_reports_pending 7',
    'patchline_policy_reports_written_total 3',
  ])
})

t.test('the rules of promtool check metrics hold', async t => {
  const registry = new Registry()
  addAuditMetrics(registry)
  const text = await registry.metrics()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  t.equal(types.length, 13)
  for (const [, name = '', type = ''] of types) {
    t.match(name, /^patchline_[a-z_]+$/)
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
    t.match(text, new RegExp(`^# HELP ${name} [A-Z].+$`, 'm'))
  }
})
