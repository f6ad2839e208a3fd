import type { Numeral } from '../tag/numeral.ts'
import type { NumberPart, Part } from '../tag/parts.ts'
import { alwaysCountsBuilds, countsBuilds, namesChoice, namesChoiceApart, stageOf } from '../tag/words.ts'

/**
 * What a number behind the core is: `revision` puts tags in order after the core (builds, dates, the version of something
 * that moves along); `choice` must be equal (a runtime, a base); `undecided` must be equal as long as nothing tells which
 * of these it is; `decoration` is never compared.
 */
export type Role = 'revision' | 'choice' | 'undecided' | 'decoration'

/** How the tags of one repository are written, learned from their list. */
export interface Grammar {
  /** What the numbers of a slot are (see `NumberPart.slot`), where the list tells. */
  readonly roles: ReadonlyMap<string, Role>
  /** Slots in which commits stand. */
  readonly commitSlots: ReadonlySet<string>
  /** Words that stand only before commits: `pkg` of `-pkg-0ab4c58f`. */
  readonly decorations: ReadonlySet<string>
  /** Whether `b` counts builds here; else it is a beta. */
  readonly countsWithB: boolean
  /** The largest lone number that counts builds: `100004` after `99987`; 0 where lone numbers of six digits count nothing. */
  readonly largestCounter: number
  readonly series: Series
  /**
   * The newest version of each neutral prefix, and of others that are written in several ways; several where the numbers
   * are of several kinds: `1.10`, `2024.1`.
   */
  readonly spellings: ReadonlyMap<string, readonly (readonly Numeral[])[]>
  /** Neutral prefixes behind which the same versions are written in several ways: `3.7.9` and `v3.7.9`. */
  readonly inParallel: ReadonlySet<string>
}

/** What is known of the numbers of a repository's versions. Keys are a neutral prefix, a space, and numbers. */
export interface Series {
  /** Majors whose versions have two numbers, the second of which counts patches: `7.103` of Drupal, `15.6` of PostgreSQL. */
  readonly ofTwoNumbers: ReadonlySet<string>
  /** Majors in which a tag of two numbers is a release that never moves: `2.426` of Jenkins. */
  readonly fixedPairs: ReadonlySet<string>
  /** Majors in which a tag of two numbers stands for its builds: `14.5` beside `14.5-1`, `14.5-2`. */
  readonly builtPairs: ReadonlySet<string>
  /** Minors that are development series: `5.43` of Perl. */
  readonly inDevelopment: ReadonlySet<string>
}

/** What is believed of a repository of which nothing is known. */
export const noGrammar: Grammar = {
  roles: new Map(),
  commitSlots: new Set(),
  decorations: new Set(),
  countsWithB: false,
  largestCounter: 0,
  series: { ofTwoNumbers: new Set(), fixedPairs: new Set(), builtPairs: new Set(), inDevelopment: new Set() },
  spellings: new Map(),
  inParallel: new Set(),
}

/** What the number is in a repository: by what was learned of its slot, else by its word, else with care. */
export function roleOf(part: NumberPart, { roles, commitSlots }: Grammar): Role {
  if (part.isDate) return 'revision'
  if (commitSlots.has(`${part.slot.slice(0, -1)}*`) && part.digits.length >= shortestCommit)
    return 'decoration'
  return settledRole(part) ?? roles.get(part.slot) ?? priorRole(part)
}

const shortestCommit = 7

/** The role that no list changes: long numbers are dates and counters; some words always count, some always name a choice. */
export function settledRole(part: NumberPart): Role | undefined {
  if (part.isDate || (part.values.length === 1 && part.digits.length > longestChoice)) return 'revision'
  if (hasTime(part.values)) return 'revision'
  if (alwaysCountsBuilds(part.word)) return 'revision'
  const isChosen =
    part.isGlued || part.values.length > 1 ? namesChoice(part.word) : namesChoiceApart(part.word)
  return isChosen ? 'choice' : undefined
}

const longestChoice = 4 // `ltsc2022`, `nanoserver-1809`

/** Whether the time at which something was built stands among several numbers: `1107.1675784874`. */
export function hasTime(values: readonly Numeral[]): boolean {
  return values.length > 1 && values.some(value => value >= leastTime)
}

const leastTime = 100_000_000 // the second of `1107.1675784874` is when it was built: no version has a number as large

// What Java writes behind a `_` is a build; a version, or a word with a number, says what it is for, unless it counts builds.
function priorRole(part: NumberPart): Role {
  const isCount = part.lead === '_' || (part.values.length === 1 && Number(part.values[0]) <= firstCounts)
  if (part.word === '') return isCount ? 'revision' : 'undecided'
  return countsBuilds(part.word) ? 'revision' : 'undecided'
}

/** A count of builds begins with one of these. */
export const firstCounts = 3

/** Whether the number may have a role that only a list can tell, or helps to tell it: it is no stage, and not settled. */
export function isOpen(part: Part): part is NumberPart {
  if (part.kind !== 'number' || stageOf(part.word) !== undefined) return false
  // That `98.1700000000` goes on from `98` tells that both are builds.
  return settledRole(part) === undefined || (hasTime(part.values) && !part.isDate)
}

/** Whether a bare version directly behind a core of one or two numbers completes it: `2.13-2.8.0`. */
export function isCompanion(part: Part | undefined, core: readonly Numeral[]): part is NumberPart {
  if (part?.kind !== 'number' || core.length === 0 || core.length > 2) return false
  return (
    part.values.length > 1 &&
    settledRole(part) !== 'revision' &&
    (part.word === '' || /^[-_]v$/i.test(part.lead))
  )
}
