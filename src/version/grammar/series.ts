import { neutralPrefix, type Fields } from '../tag/fields.ts'
import { compareNumerals, type Numeral } from '../tag/numeral.ts'
import { entryOf } from './entry-of.ts'
import type { Series } from './grammar.ts'

/** Takes the numbers of the versions of a list. */
export interface SeriesLearner {
  add(fields: Fields): void
  /** How many versions of three numbers there are. */
  versions(): number
  finish(): Generator<undefined, Series>
}

/** The tags of one major: `7`, `7.103`, `7.1.2`. */
interface Major {
  readonly major: Numeral
  readonly seen: { alone: boolean; builds: boolean }
  /** What is there of each minor: a bit for a patch of 0, of 1, and of some others; one each for the tag without a patch, and for its builds. */
  readonly minors: Map<Numeral, number>
}

type Majors = Map<Numeral, Major>

const listed = 1 << 30
const built = 1 << 29
const extended = built - 1
// That there are several is all that matters of the other patches: those that share a bit count once.
const otherPatches = 27

const sliceBases = 500

/** A learner that knows nothing. */
export function createSeriesLearner(): SeriesLearner {
  const bases = new Map<string, Majors>()
  const prefixes = new Map<string, Majors>()
  function majorsOf(prefix: string): Majors {
    const majors = entryOf(bases, neutralPrefix(prefix), () => new Map<Numeral, Major>())
    prefixes.set(prefix, majors)
    return majors
  }
  return {
    add(fields) {
      if (fields.kind === 'version') addTo(prefixes.get(fields.prefix) ?? majorsOf(fields.prefix), fields)
    },
    versions() {
      let count = 0
      for (const majors of bases.values())
        for (const { minors } of majors.values())
          for (const bits of minors.values()) count += countOf(bits & extended)
      return count
    },
    *finish() {
      const ofTwoNumbers = new Set<string>()
      const fixedPairs = new Set<string>()
      const builtPairs = new Set<string>()
      const inDevelopment = new Set<string>()
      for (const [at, [base, majors]] of [...bases].entries()) {
        if (at % sliceBases === sliceBases - 1) yield
        const fast = hasFastMajors([...majors.values()])
        for (const [text, major] of majors) {
          if (base === '' && countsPatches(major, fast)) ofTwoNumbers.add(`${base} ${text}`)
          if (hasFixedPairs(major)) fixedPairs.add(`${base} ${text}`)
          if (hasBuiltPairs(major)) builtPairs.add(`${base} ${text}`)
          for (const minor of developmentIn(major)) inDevelopment.add(`${base} ${text}.${minor}`)
        }
      }
      return { ofTwoNumbers, fixedPairs, builtPairs, inDevelopment }
    },
  }
}

function addTo(majors: Majors, { core, suffix }: Fields): void {
  const x = core[0] ?? 0
  const y = core[1]
  const z = core[2]
  const { seen, minors } = majors.get(x) ?? addedTo(majors, x)
  if (suffix.hasBareNumber) seen.builds = true
  if (y === undefined) {
    seen.alone ||= !suffix.saysStage
    return
  }
  const before = minors.get(y)
  const after = (before ?? 0) | (z !== undefined ? 1 << placeOf(z) : bitOfPair(suffix))
  if (after !== before) minors.set(y, after)
}

function addedTo(majors: Majors, major: Numeral): Major {
  const fresh = { major, seen: { alone: false, builds: false }, minors: new Map<Numeral, number>() }
  majors.set(major, fresh)
  return fresh
}

function bitOfPair({ saysStage, hasBareCount }: Fields['suffix']): number {
  return saysStage ? 0 : hasBareCount ? built : listed
}

function placeOf(patch: Numeral): number {
  if (patch < 2) return Number(patch)
  return 2 + (typeof patch === 'number' ? patch % otherPatches : Number(patch % BigInt(otherPatches)))
}

function countOf(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

function isOfTwoNumbers({ minors }: Major): boolean {
  return minors.size > 0 && [...minors.values()].every(bits => !isExtended(bits))
}

// Where builds stand behind the second number, that the major floats does not tell it.
function countsPatches(major: Major, isFast: boolean): boolean {
  return isOfTwoNumbers(major) && (isFast || (major.seen.alone && !major.seen.builds))
}

// Most have builds, and none has a third number.
function hasBuiltPairs(major: Major): boolean {
  const pairs = [...major.minors.values()]
  return isOfTwoNumbers(major) && pairs.filter(bits => (bits & built) !== 0).length * 2 > pairs.length
}

function isExtended(bits: number): boolean {
  return (bits & extended) !== 0
}

// PostgreSQL's 13, 14, 15: where majors go one by one beyond 10, the second number counts patches; where builds stand
// behind it, the majors must float.
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
    sorted.every(one => isOfTwoNumbers(one) && one.major < firstYear && (one.seen.alone || !one.seen.builds))
  )
}

const firstFastMajor = 10
const firstYear = 1990

// Most tags of two numbers have no longer one: they are the releases.
function hasFixedPairs({ minors }: Major): boolean {
  const pairs = [...minors.values()].filter(bits => (bits & listed) !== 0)
  const alone = pairs.filter(bits => !isExtended(bits)).length
  return alone > 2 && alone * 2 > pairs.length
}

// Odd minors that begin at .1 beside even ones that begin at .0, but for what the list has lost of either.
function developmentIn({ minors }: Major): readonly Numeral[] {
  const odd = [...minors].filter(([minor, bits]) => isOdd(minor) && isExtended(bits))
  if (odd.length < fewestSeries || odd.some(([, bits]) => hasPatch(bits, 0))) return []
  const begun = odd.filter(([, bits]) => countOf(bits & extended) > 1)
  const fromOne = begun.filter(([, bits]) => hasPatch(bits, 1)).length
  const fromZero = [...minors.values()].filter(bits => hasPatch(bits, 0)).length
  const isSo = begun.length >= fewestSeries && fromOne * 2 > begun.length && fromZero >= fewestSeries
  return isSo ? odd.map(([minor]) => minor) : []
}

const fewestSeries = 2

function hasPatch(bits: number, patch: 0 | 1): boolean {
  return (bits & (1 << patch)) !== 0
}

function isOdd(value: Numeral): boolean {
  return typeof value === 'number' ? value % 2 === 1 : value % 2n === 1n
}
