import { setImmediate as otherWork } from 'node:timers/promises'
import type { Drift, DriftReport } from '../../audit/index.ts'
import type { HeldReport } from './policy-report-store.ts'
import { rowsByWorkload } from '../../report/index.ts'
import { reportOf, type WorkloadReport } from './workload-report.ts'

/** How many workloads are processed before the event loop runs other work: some 5 ms. */
const pauseEvery = 250

/** A workload whose report changes. Only its rows: all reports together would fill the memory. */
export interface ChangedReport {
  readonly key: string
  readonly namespace: string
  readonly isNew: boolean
  readonly rows: readonly Drift[]
}

/** The writes that bring the cluster's reports up to date with a drift report. */
export interface ReportPlan {
  readonly gone: readonly HeldReport[]
  readonly changed: readonly ChangedReport[]
  readonly unchanged: number
  /** Of the report; milliseconds since the epoch. */
  readonly finishedAt: number
}

/** How many objects a plan writes or removes. */
export function sizeOf({ gone, changed }: ReportPlan): number {
  return gone.length + changed.length
}

/**
 * Plans the writes of a drift report against the reports that the cluster is known to hold, of which the one written last is the
 * last of the map. Reports that could not be written before come last.
 */
export async function planFor(
  report: DriftReport,
  held: ReadonlyMap<string, HeldReport>,
  failedBefore: ReadonlySet<string>,
): Promise<ReportPlan> {
  const places = new Map([...held.keys()].map((key, place) => [key, place]))
  const current = new Set<string>()
  const changed: ChangedReport[] = []
  const placeOf = ({ key }: ChangedReport): number =>
    failedBefore.has(key) ? held.size : (places.get(key) ?? -1)
  for (const rows of rowsByWorkload(report)) {
    const one = reportOf(rows, report.finishedAt)
    const key = heldKeyOf(one)
    current.add(key)
    const { namespace } = one
    if (!saysSame(held.get(key), one)) changed.push({ key, namespace, isNew: !held.has(key), rows })
    // oxlint-disable-next-line eslint/no-await-in-loop -- lets other work run
    if (current.size % pauseEvery === 0) await otherWork()
  }
  return {
    gone: report.complete ? [...held].flatMap(([key, one]) => (current.has(key) ? [] : [one])) : [],
    changed: changed.toSorted((one, other) => placeOf(one) - placeOf(other)),
    unchanged: current.size - changed.length,
    finishedAt: report.finishedAt,
  }
}

function saysSame(held: HeldReport | undefined, report: WorkloadReport): boolean {
  return held !== undefined && (held.content === report.content || report.provisional)
}

/** The key of a report among those of its kind. */
export function heldKeyOf({ namespace, name }: Pick<HeldReport, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}
