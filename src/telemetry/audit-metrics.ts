import { Counter, Gauge, type Registry } from 'prom-client'
import type { Drift, DriftReport } from '../audit/index.ts'

/** What an attempt to deliver a message came to. */
const deliveryOutcomes = ['delivered', 'temporary', 'permanent'] as const

/** An attempt to deliver a message. */
export interface Delivery {
  /** As the configuration names it. */
  readonly channel: string
  readonly outcome: (typeof deliveryOutcomes)[number]
}

/** What the audit tells of itself, besides the drift that it finds. */
export interface AuditMetrics {
  /** A cycle came to its end. */
  audited(report: DriftReport): void
  /** Whether every list of the inventory was complete once. */
  setSynced(isSynced: boolean): void
  setLeader(isLeader: boolean): void
  countDelivery(delivery: Delivery): void
  /** A report was written as series: so many, and so many more for which there was no room. */
  exposed(size: { readonly series: number; readonly dropped: number }): void
  /** Policy reports were created, changed or deleted. */
  countReportsWritten(count: number): void
  /** Policy reports of other tools had the names of ours in the last cycle. */
  setForeignReports(count: number): void
  /** Policy reports that are to be written still for the cluster to show the last cycle. */
  setReportsPending(count: number): void
}

/** Adds what concerns the audit to a registry. `channels` are all that are configured. */
export function createAuditMetrics(registry: Registry, channels: readonly string[] = []): AuditMetrics {
  const reports = new Counter({
    name: 'patchline_policy_reports_written_total',
    help: 'Policy reports that were created, changed or deleted',
    registers: [registry],
  })
  const foreign = new Gauge({
    name: 'patchline_policy_reports_foreign',
    help: 'Policy reports without our label that have the names of ours, and were left alone in the last cycle',
    registers: [registry],
  })
  const pending = new Gauge({
    name: 'patchline_policy_reports_pending',
    help: 'Policy reports that do not say yet what the last cycle found',
    registers: [registry],
  })
  return {
    audited: addCycleGauges(registry),
    setSynced: addSwitch(registry, {
      name: 'patchline_inventory_synced',
      help: 'Whether every list of the cluster was complete once: 1 if so, else 0',
    }),
    setLeader: addSwitch(registry, {
      name: 'patchline_leader',
      help: 'Whether this replica is the one that audits: 1 if so, else 0',
    }),
    countDelivery: addDeliveryCounter(registry, channels),
    exposed: addSeriesMetrics(registry),
    countReportsWritten: count => reports.inc(count),
    setForeignReports: count => foreign.set(count),
    setReportsPending: count => pending.set(count),
  }
}

function addCycleGauges(registry: Registry): AuditMetrics['audited'] {
  const gauge = (name: string, help: string): Gauge => {
    const added = new Gauge({ name, help, registers: [registry] })
    added.remove() // before the first cycle there is no line: the nought would be the beginning of 1970
    return added
  }
  const success = gauge('patchline_audit_last_success_timestamp_seconds', 'When a cycle last came to its end')
  const duration = gauge('patchline_audit_duration_seconds', 'How long the last cycle took')
  const workloads = gauge('patchline_audit_workloads', 'Workloads that the last cycle looked at')
  const problems = gauge('patchline_audit_problems', 'What the last cycle could not look at')
  const overdue = gauge(
    'patchline_audit_overdue_containers',
    'Containers that the last cycle judged by tags older than catalog.refreshAfterMinutes',
  )
  return report => {
    success.set(report.finishedAt / 1000)
    duration.set((report.finishedAt - report.startedAt) / 1000)
    workloads.set(countWorkloads(report.rows))
    problems.set(report.problems.length)
    overdue.set(report.rows.filter(({ evaluation }) => evaluation.overdue).length)
  }
}

// The rows of a workload stand together.
function countWorkloads(rows: readonly Drift[]): number {
  let count = 0
  let last: string | undefined
  for (const { image } of rows) {
    if (image.workload.uid !== last) count++
    last = image.workload.uid
  }
  return count
}

function addSwitch(
  registry: Registry,
  { name, help }: { readonly name: string; readonly help: string },
): (isOn: boolean) => void {
  const gauge = new Gauge({ name, help, registers: [registry] })
  return isOn => gauge.set(isOn ? 1 : 0)
}

function addDeliveryCounter(registry: Registry, channels: readonly string[]): AuditMetrics['countDelivery'] {
  const counter = new Counter({
    name: 'patchline_notifications_total',
    help: 'Attempts to deliver a message, by what came of them',
    labelNames: ['channel', 'outcome'],
    registers: [registry],
  })
  // For Prometheus a counter that appears with a 1 did not increase.
  for (const channel of channels) for (const outcome of deliveryOutcomes) counter.inc({ channel, outcome }, 0)
  return ({ channel, outcome }) => counter.inc({ channel, outcome })
}

function addSeriesMetrics(registry: Registry): AuditMetrics['exposed'] {
  const held = new Gauge({
    name: 'patchline_metrics_series',
    help: 'Series of the drift report',
    registers: [registry],
  })
  const left = new Counter({
    name: 'patchline_metrics_dropped_series_total',
    help: 'Series of drift reports for which there was no room, counted anew with each report',
    registers: [registry],
  })
  return ({ series, dropped }) => {
    held.set(series)
    left.inc(dropped)
  }
}
