import type { shownVerdict } from '../../report/index.ts'
import type { Style } from '../terminal/table.ts'

/** A verdict as the command line shows it. */
export type ShownVerdict = ReturnType<typeof shownVerdict>

/** All verdicts, the worst first. */
export const verdicts = [
  'outdated',
  'unknown',
  'floating',
  'unversioned',
  'current',
  'exempt',
] as const satisfies readonly ShownVerdict[]

/** The verdict of one image as it is shown. */
interface Shown {
  readonly verdict: ShownVerdict
  readonly behind: number
}

/** Sorts rows: the worst verdict first, then the furthest behind; equal rows stay in their order. */
export function worstFirst<Row extends Shown>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted(
    (one, other) =>
      verdicts.indexOf(one.verdict) - verdicts.indexOf(other.verdict) || other.behind - one.behind,
  )
}

/** Counts the verdicts: `3 containers: 1 outdated, 2 current`. */
export function countsOf(shown: readonly ShownVerdict[], noun: string): string {
  const counts = verdicts.flatMap(verdict => {
    const count = shown.filter(one => one === verdict).length
    return count === 0 ? [] : [`${count} ${verdict}`]
  })
  const all = `${shown.length} ${shown.length === 1 ? noun : `${noun}s`}`
  return counts.length === 0 ? all : `${all}: ${counts.join(', ')}`
}

/** The colour of a verdict. */
export function verdictStyle({ verdict }: Pick<Shown, 'verdict'>): Style | undefined {
  switch (verdict) {
    case 'outdated':
      return 'red'
    case 'unknown':
      return 'yellow'
    case 'current':
      return 'green'
    case 'floating':
    case 'unversioned':
    case 'exempt':
      return undefined
  }
}
