import type { DriftItem } from '../api/index.ts'
import { shownVerdict } from './drift-item.ts'
import type { Drift, DriftReport } from '../audit/index.ts'

/** Which rows are wanted; what is undefined leaves all. */
export interface Selection {
  readonly namespace?: string | undefined
  /** A name, or `Kind/name`. */
  readonly workload?: string | undefined
  readonly verdict?: DriftItem['verdict'] | undefined
  readonly registry?: string | undefined
  /** Behind for at least so many milliseconds at the end of the report's cycle. */
  readonly minAge?: number | undefined
}

/** The rows of a report that are wanted, in its order. */
export function select(
  { rows, finishedAt }: Pick<DriftReport, 'rows' | 'finishedAt'>,
  selection: Selection,
): readonly Drift[] {
  const tests = testsOf(selection, finishedAt)
  return rows.filter(row => tests.every(test => test(row)))
}

type Test = (row: Drift) => boolean

function testsOf(
  { namespace, workload, verdict, registry, minAge }: Selection,
  finishedAt: number,
): readonly Test[] {
  return [
    namespace !== undefined && ((row: Drift) => row.image.workload.namespace === namespace),
    workload !== undefined && ((row: Drift) => isNamed(row, workload)),
    verdict !== undefined && ((row: Drift) => shownVerdict(row) === verdict),
    registry !== undefined && ((row: Drift) => row.evaluation.reference?.registry === registry),
    minAge !== undefined && ((row: Drift) => row.since !== undefined && finishedAt - row.since >= minAge),
  ].filter(test => test !== false)
}

function isNamed({ image: { workload } }: Drift, wanted: string): boolean {
  return workload.name === wanted || `${workload.kind}/${workload.name}` === wanted
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The milliseconds of `7d`, `12h` or `30m`; undefined where the text is none of these. */
export function durationOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  return unit === 'm' || unit === 'h' || unit === 'd' ? Number(digits) * units[unit] : undefined
}
