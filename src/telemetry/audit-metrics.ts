import { Counter, Gauge, type Registry } from 'prom-client'
import { isOverdue, type Drift, type DriftReport } from '../audit/index.ts'
import { addLateGauge, addSwitch } from './instruments.ts'

const deliveryOutcomes = ['delivered', 'temporary', 'permanent'] as const

/** An attempt to deliver a message. */
export interface Delivery {
  /** The channel by its name in the configuration. */
  readonly channel: string
  readonly outcome: (typeof deliveryOutcomes)[number]
}

/** The metrics of the audit, besides the drift that it finds. */
export interface AuditMetrics {
  /** Records a cycle that has ended. */
  audited(report: DriftReport): void
  /** Sets whether every list of the inventory was complete once. */
  setSynced(isSynced: boolean): void
  /** Sets whether this replica is the leader. */
  setLeader(isLeader: boolean): void
  countDelivery(delivery: Delivery): void
  /** Records the series of a report, and how many more had no room. */
  exposed(size: { readonly series: number; readonly dropped: number }): void
  /** Counts policy reports that were created, changed or deleted. */
  countReportsWritten(count: number): void
  /** Sets the number of policy reports of other tools that had the names of ours in the last cycle. */
  setForeignReports(count: number): void
  /** Sets the number of policy reports that do not show the last cycle yet. */
  setReportsPending(count: number): void
}

/** Adds the metrics of the audit to a registry. `channels` are all that are configured. */
export function addAuditMetrics(registry: Registry, channels: readonly string[] = []): AuditMetrics {
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
  // Before the first cycle there is no series.
  const gauge = (name: string, help: string) => addLateGauge(registry, { name, help })
  const setSuccess = gauge(
    'patchline_audit_last_success_timestamp_seconds',
    'When a cycle last came to its end',
  )
  const setDuration = gauge('patchline_audit_duration_seconds', 'How long the last cycle took')
  const setWorkloads = gauge('patchline_audit_workloads', 'Workloads that the last cycle looked at')
  const setProblems = gauge('patchline_audit_problems', 'What the last cycle could not look at')
  const setOverdue = gauge(
    'patchline_audit_overdue_containers',
    'Containers that the last cycle judged by tags older than catalog.refreshAfterMinutes',
  )
  return report => {
    setSuccess(report.finishedAt / 1000)
    setDuration((report.finishedAt - report.startedAt) / 1000)
    setWorkloads(countWorkloads(report.rows))
    setProblems(report.problems.length)
    setOverdue(report.rows.filter(isOverdue).length)
  }
}

// The rows of a workload follow each other.
function countWorkloads(rows: readonly Drift[]): number {
  let count = 0
  let last: string | undefined
  for (const { image } of rows) {
    if (image.workload.uid !== last) count++
    last = image.workload.uid
  }
  return count
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
