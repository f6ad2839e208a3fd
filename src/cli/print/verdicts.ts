import { distanceOf } from '../../audit/index.ts'
import type { shownVerdict } from '../../report/index.ts'
import { missingText } from '../../text/index.ts'
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
  readonly reason: string
  readonly behind: number
}

/** Sorts rows: the worst verdict first, then the furthest behind; equal rows stay in their order. */
export function worstFirst<Row extends Shown>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((one, other) => rankOf(one) - rankOf(other) || other.behind - one.behind)
}

// A tag that does not exist cannot be pulled again: that is worse than what only could not be checked.
function rankOf(shown: Omit<Shown, 'behind'>): number {
  return isMissing(shown) ? 1 / 2 : verdicts.indexOf(shown.verdict)
}

function isMissing({ verdict, reason }: Omit<Shown, 'behind'>): boolean {
  return verdict === 'current' && reason === 'not-listed'
}

/** How far an image is behind, as a number that says what it counts. */
type Distance = Parameters<typeof distanceOf>[0]

/** How far an image is behind, in the cell of a table: `4`, or where image revisions are counted `16r`, in words if there is room. */
export function behindText(distance: Distance, format: 'table' | 'wide'): string {
  const { behind, counted } = distance
  if (behind === 0) return '-'
  if (counted === 'versions') return String(behind)
  return format === 'wide' ? distanceOf(distance) : `${behind}r`
}

/** What the mark in these cells means, as sentences: none where no row has it. */
export function behindLegend(rows: readonly Distance[], format: string): readonly string[] {
  const isMarked =
    format === 'table' && rows.some(({ behind, counted }) => behind > 0 && counted === 'revisions')
  return isMarked ? ['BEHIND with r counts image revisions (builds of one version), else versions'] : []
}

/** Counts the verdicts: `3 containers: 1 outdated, 2 current; 1 names a tag that does not exist`. */
export function countsOf(shown: readonly Omit<Shown, 'behind'>[], noun: string): string {
  const counts = verdicts.flatMap(verdict => {
    const count = shown.filter(one => one.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${verdict}`]
  })
  const all = `${shown.length} ${shown.length === 1 ? noun : `${noun}s`}`
  const missing = shown.filter(isMissing).length
  const aside = missing === 0 ? '' : `; ${missingText(missing)}`
  return counts.length === 0 ? all : `${all}: ${counts.join(', ')}${aside}`
}

/** The colour of a verdict. */
export function verdictStyle(shown: Omit<Shown, 'behind'>): Style | undefined {
  switch (shown.verdict) {
    case 'outdated':
      return 'red'
    case 'unknown':
      return 'yellow'
    case 'current':
      return isMissing(shown) ? 'yellow' : 'green'
    case 'floating':
    case 'unversioned':
    case 'exempt':
      return undefined
  }
}
