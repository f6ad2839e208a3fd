import { instantOf } from '../../text/index.ts'
import { semverTextOf } from '../reading/semver-text.ts'
import type { Version } from '../reading/version.ts'
import { numeral } from '../tag/numeral.ts'

/** A line of releases as a table of support dates has it. The dates are days: `2026-10-28`. */
export interface SupportLineSettings {
  /** The numbers that its versions begin with: `22`, or `1.28`. */
  readonly line: string
  readonly released?: string
  /** From when it has long-term support; a line without it never has. */
  readonly ltsFrom?: string
  /** The day on which its support ends. */
  readonly end?: string
  /** Its project does not recommend it for production. */
  readonly development?: boolean
}

/** A table of support dates: the lines of one product. */
export interface SupportTableSettings {
  /** Its images, each by its whole repository: `docker.io/library/node`. */
  readonly images: readonly string[]
  readonly lines: readonly SupportLineSettings[]
}

/** What `stable` means for lines that a table does not have. */
export type OtherLines =
  | 'stable' // they are
  | 'stable-if-even' // those with an even number
  | 'stable-if-first' // those whose second number is 0

/** A table that is shipped. */
export interface ShippedTable extends SupportTableSettings {
  /** The newest day that its source knows of. */
  readonly asOf: string
  readonly otherLines?: OtherLines
}

/** A shipped table as it is written. */
export interface TableRows extends Omit<ShippedTable, 'lines'> {
  /**
   * A line a row: its numbers, release, end of support, and `lts` with the day from which it is that (else from the release), or
   * `development`; `-` is not known, or not yet.
   */
  readonly rows: string
}

/** A line with instants, in epoch milliseconds at the beginning of the day in UTC. */
export interface SupportLine {
  readonly line: string
  readonly released: number | undefined
  readonly ltsFrom: number | undefined
  readonly end: number | undefined
  readonly isDevelopment: boolean
  /** The day of which the table is; undefined for a line of the configuration. */
  readonly asOf: string | undefined
}

/** The line of some settings, which name days that exist. */
export function supportLineOf(settings: SupportLineSettings, asOf: string | undefined): SupportLine {
  const { line, released, ltsFrom, end, development = false } = settings
  return {
    line,
    released: released === undefined ? undefined : instantOf(released),
    ltsFrom: ltsFrom === undefined ? undefined : instantOf(ltsFrom),
    end: end === undefined ? undefined : instantOf(end),
    isDevelopment: development,
    asOf,
  }
}

/** The most numbers that a line is named by: `1.28.3`. */
const mostNumbers = 3

/** What the numbers of a line are found by: `24.4` for `24.04`. */
export function lineKeyOf(line: string): string {
  return line
    .split('.')
    .map(number => numeral(number))
    .join('.')
}

/** The keys of the lines that a version may belong to, the longest first; none where its numbers name no line. */
export function lineKeysOf(version: Version): readonly string[] {
  const numbers = lineNumbersOf(version)?.slice(0, mostNumbers) ?? []
  return numbers.map((_, at) => numbers.slice(0, numbers.length - at).join('.'))
}

/**
 * The numbers that say which line a version belongs to: of two versions side by side (`15-3.3`) those of the first. Undefined for
 * what has none: a word with a date, a date alone.
 */
export function lineNumbersOf(version: Version): Version['core'] | undefined {
  const { core, first, kind } = version
  if (first > 0) return core.slice(0, first)
  if (kind === 'counter') return core
  return semverTextOf(version) === undefined ? undefined : core
}
