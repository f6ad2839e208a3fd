import { neutralPrefix, type Fields } from '../tag/fields.ts'
import { compareNumerals, type Numeral } from '../tag/numeral.ts'
import { entryOf } from './entry-of.ts'
import type { Series } from './grammar.ts'

/** Takes the numbers of the versions of a list. */
export interface SeriesLearner {
  add(fields: Fields): void
  /** How many versions of three numbers there are. */
  versions(): number
  finish(): Series
}

/** The tags of one major: `7`, `7.103`, `7.1.2`. */
interface Major {
  readonly major: Numeral
  readonly seen: { alone: boolean; builds: boolean }
  readonly minors: Map<Numeral, Minor>
}

/** The tags of one minor. */
interface Minor {
  readonly minor: Numeral
  readonly seen: { listed: boolean }
  /** The first few patches: that there are several is all that matters; 0 and 1 always. */
  readonly patches: Set<Numeral>
}

const mostPatches = 8

/** A learner that knows nothing. */
export function createSeriesLearner(): SeriesLearner {
  const bases = new Map<string, Map<Numeral, Major>>()
  return {
    add(fields) {
      if (fields.kind !== 'version') return
      const base = neutralPrefix(fields.prefix)
      addTo(
        entryOf(bases, base, () => new Map<Numeral, Major>()),
        fields,
      )
    },
    versions() {
      let count = 0
      for (const majors of bases.values())
        for (const { minors } of majors.values())
          for (const { patches } of minors.values()) count += patches.size
      return count
    },
    finish() {
      const ofTwoNumbers = new Set<string>()
      const fixedPairs = new Set<string>()
      const inDevelopment = new Set<string>()
      for (const [base, majors] of bases) {
        const fast = hasFastMajors([...majors.values()])
        for (const [text, major] of majors) {
          if (base === '' && isOfTwoNumbers(major) && (major.seen.alone || fast))
            ofTwoNumbers.add(`${base} ${text}`)
          if (hasFixedPairs(major)) fixedPairs.add(`${base} ${text}`)
          for (const minor of developmentIn(major)) inDevelopment.add(`${base} ${text}.${minor}`)
        }
      }
      return { ofTwoNumbers, fixedPairs, inDevelopment }
    },
  }
}

function addTo(majors: Map<Numeral, Major>, { core, suffix }: Fields): void {
  const [x = 0, y, z] = core
  const { seen, minors } = entryOf(majors, x, () => ({
    major: x,
    seen: { alone: false, builds: false },
    minors: new Map<Numeral, Minor>(),
  }))
  if (suffix.hasBareNumber) seen.builds = true
  if (y === undefined) {
    seen.alone ||= !suffix.saysStage
    return
  }
  const minor = entryOf(minors, y, () => ({ minor: y, seen: { listed: false }, patches: new Set<Numeral>() }))
  if (z === undefined) minor.seen.listed ||= !suffix.saysStage
  else if (minor.patches.size < mostPatches || Number(z) <= 1) minor.patches.add(z)
}

function isOfTwoNumbers({ minors, seen }: Major): boolean {
  return !seen.builds && minors.size > 0 && [...minors.values()].every(minor => !isExtended(minor))
}

function isExtended({ patches }: Minor): boolean {
  return patches.size > 0
}

// PostgreSQL's 13, 14, 15: where majors go one by one beyond 10, the second number counts patches.
function hasFastMajors(majors: readonly Major[]): boolean {
  const sorted = majors
    .filter(({ minors }) => minors.size > 0)
    .toSorted((a, b) => compareNumerals(a.major, b.major))
  const isRow = sorted.every(
    (one, at) => at === 0 || BigInt(one.major) === BigInt(sorted[at - 1]?.major ?? 0) + 1n,
  )
  return (
    isRow &&
    sorted.length > 2 &&
    (sorted[0]?.major ?? 0) >= firstFastMajor &&
    sorted.every(one => isOfTwoNumbers(one) && one.major < firstYear)
  )
}

const firstFastMajor = 10
const firstYear = 1990

// Most tags of two numbers have no longer one: they are the releases.
function hasFixedPairs({ minors }: Major): boolean {
  const listed = [...minors.values()].filter(({ seen }) => seen.listed)
  const alone = listed.filter(minor => !isExtended(minor)).length
  return alone > 2 && alone * 2 > listed.length
}

// Odd minors that begin at .1 beside even ones that begin at .0, but for what the list has lost of either.
function developmentIn({ minors }: Major): readonly Numeral[] {
  const all = [...minors.values()].filter(isExtended)
  const odd = all.filter(({ minor }) => isOdd(minor))
  const begun = odd.filter(({ patches }) => patches.size > 1)
  const isSo =
    begun.length >= fewestSeries &&
    begun.filter(({ patches }) => patches.has(1)).length * 2 > begun.length &&
    odd.every(({ patches }) => !patches.has(0)) &&
    all.filter(({ patches }) => patches.has(0)).length >= fewestSeries
  return isSo ? odd.map(({ minor }) => minor) : []
}

const fewestSeries = 2

function isOdd(value: Numeral): boolean {
  return BigInt(value) % 2n === 1n
}
