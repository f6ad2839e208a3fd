import type { DriftReport } from '../audit/index.ts'
import { keyOf, type Findings } from './findings.ts'
import type { Totals } from './message.ts'

const fortnight = 14 * 24 * 3_600_000

/** How the containers stand in the namespaces that somebody is told of. */
export function totalsOf(
  report: DriftReport,
  { findings, silenced }: Findings,
  { includes, now }: { readonly includes: (namespace: string) => boolean; readonly now: number },
): Totals {
  const rows = report.rows.filter(({ image }) => includes(image.workload.namespace))
  const own = findings.filter(({ workload }) => includes(workload.namespace))
  const outdated = own.filter(({ kind }) => kind !== 'failing')
  return {
    workloads: new Set(
      rows.map(({ image: { workload } }) => `${workload.namespace}/${workload.kind}/${workload.name}`),
    ).size,
    containers: new Set(rows.map(keyOf)).size,
    outdated: outdated.length,
    failing: own.length - outdated.length,
    unchecked: rows.filter(({ evaluation, exempt }) => !exempt && evaluation.reason === 'not-checked-yet')
      .length,
    snoozed: own.filter(({ key }) => silenced.get(key) === 'snoozed').length,
    skipped: own.filter(({ key }) => silenced.get(key) === 'skipped').length,
    old: outdated.filter(({ since }) => since !== undefined && now - since > fortnight).length,
  }
}
