import { setImmediate as turn } from 'node:timers/promises'
import type { Drift, DriftReport } from '../audit/index.ts'
import type { HeldReport } from './policy-report-objects.ts'
import { reportOf, rowsByWorkload, type WorkloadReport } from './policy-report.ts'

/** Workloads between two turns of other work: some 5 ms. */
const turnEvery = 250

/** What has to be done for the cluster's reports to say what a cycle found. */
export interface ReportPlan {
  readonly gone: readonly HeldReport[]
  /** The rows of each workload of which something else is reported: of all of them the reports would fill the memory. */
  readonly changed: readonly (readonly Drift[])[]
  readonly unchanged: number
  /** Of the report; milliseconds since the epoch. */
  readonly finishedAt: number
}

/** How many objects it is about. */
export function sizeOf({ gone, changed }: ReportPlan): number {
  return gone.length + changed.length
}

/** What a report changes of the reports that the cluster is known to hold, the one written last being the last of the map. */
export async function planFor(
  report: DriftReport,
  held: ReadonlyMap<string, HeldReport>,
): Promise<ReportPlan> {
  const ages = new Map([...held.keys()].map((key, place) => [key, place]))
  const current = new Set<string>()
  const changed: { readonly rows: readonly Drift[]; readonly place: number }[] = []
  for (const rows of rowsByWorkload(report)) {
    const one = reportOf(rows, report.finishedAt)
    const key = heldKeyOf(one)
    current.add(key)
    if (!saysSame(held.get(key), one)) changed.push({ rows, place: ages.get(key) ?? -1 })
    // oxlint-disable-next-line eslint/no-await-in-loop -- other work has its turn
    if (current.size % turnEvery === 0) await turn()
  }
  return {
    gone: report.complete ? [...held].flatMap(([key, one]) => (current.has(key) ? [] : [one])) : [],
    changed: changed.toSorted((one, other) => one.place - other.place).map(({ rows }) => rows),
    unchanged: current.size - changed.length,
    finishedAt: report.finishedAt,
  }
}

function saysSame(held: HeldReport | undefined, report: WorkloadReport): boolean {
  return held !== undefined && (held.content === report.content || report.provisional)
}

/** Tells a report from every other one of its kind. */
export function heldKeyOf({ namespace, name }: Pick<HeldReport, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}
