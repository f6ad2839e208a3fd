import { isMissing, isOverdue, oldestCheckOf, type DriftReport } from '../audit/index.ts'
import type { Silence } from '../policy/index.ts'
import {
  containerKeyOf,
  isAboutImage,
  keyOf,
  workloadKeyOf,
  type Finding,
  type Findings,
} from './findings.ts'

/** How many containers there are, and how they stand. */
export interface Totals {
  readonly workloads: number
  readonly containers: number
  readonly outdated: number
  /** Of which nothing is known. */
  readonly failing: number
  /** Not looked at yet: after a cold start their registries are still being asked. Undefined where they were not counted. */
  readonly unchecked?: number
  /** Not told until an instant. */
  readonly snoozed: number
  /** Not told because of their newest tag. */
  readonly skipped: number
  /** Outdated for longer than a fortnight. */
  readonly old: number
  /** Judged by lists of tags that are older than was wanted, for newer ones could not be had. */
  readonly overdue: number
  /** When the oldest of these lists was fetched, in epoch milliseconds; undefined where there are none. */
  readonly oldestCheckedAt: number | undefined
  /** Their tags do not exist: neither outdated nor up to date. */
  readonly missing: number
}

/** A message to one route: what changed since the last one, with the totals before it. */
export interface Message {
  /** What the cluster is called in the configuration; undefined where it is not. */
  readonly cluster: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
  /** `first`: right after the first start; `change`; `reminder`: nothing new, but still outdated; `heartbeat`: all is well. */
  readonly occasion: 'first' | 'change' | 'reminder' | 'heartbeat' | 'test'
  readonly totals: Totals
  readonly appeared: readonly Finding[]
  /** There is a still newer tag than the one told of. */
  readonly changed: readonly Finding[]
  /** With what the container has now. */
  readonly resolved: readonly Finding[]
  /** Of workloads that are gone. */
  readonly removed: readonly Finding[]
  /** Namespaces of `removed` that are gone with all that was in them, so that each is said once. */
  readonly goneNamespaces: readonly string[]
  /** Told of before and as it was: for reminders, and for a channel that is new. */
  readonly remaining: readonly Finding[]
  readonly failing: readonly Finding[]
  /** Only an annotation keeps their workloads from being refused. */
  readonly emergencies: readonly Finding[]
}

const fortnight = 14 * 24 * 3_600_000

/** The totals of the namespaces that a route includes; `now` in epoch milliseconds. */
export function totalsOf(
  report: DriftReport,
  { findings, silenced }: Findings,
  { includes, now }: { readonly includes: (namespace: string) => boolean; readonly now: number },
): Totals {
  const rows = report.rows.filter(({ image }) => includes(image.workload.namespace))
  // An image that was judged by an old list counts as what it was judged to be.
  const own = findings.filter(({ workload, reason }) => includes(workload.namespace) && reason !== 'overdue')
  const outdated = own.filter(({ kind }) => isAboutImage(kind))
  const silencedBy = (silence: Silence): number =>
    new Set(own.filter(({ key }) => silenced.get(key) === silence).map(containerKeyOf)).size
  const overdue = rows.filter(isOverdue)
  return {
    workloads: new Set(rows.map(({ image }) => workloadKeyOf(image.workload))).size,
    containers: new Set(rows.map(keyOf)).size,
    outdated: outdated.length,
    failing: own.filter(({ kind }) => kind === 'failing').length,
    unchecked: rows.filter(({ evaluation, exempt }) => !exempt && evaluation.reason === 'not-checked-yet')
      .length,
    snoozed: silencedBy('snoozed'),
    skipped: silencedBy('skipped'),
    old: outdated.filter(({ since }) => since !== undefined && now - since > fortnight).length,
    overdue: new Set(overdue.map(keyOf)).size,
    oldestCheckedAt: oldestCheckOf(overdue, report),
    missing: new Set(rows.filter(isMissing).map(keyOf)).size,
  }
}
