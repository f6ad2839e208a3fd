import { neutralPrefix, type Fields } from '../tag/fields.ts'
import type { Part } from '../tag/parts.ts'
import { stageOf } from '../tag/words.ts'
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
  readonly major: number
  isListedAlone: boolean
  hasBuilds: boolean
  isPadded: boolean
  readonly minors: Map<string, Minor>
}

/** The tags of one minor. */
interface Minor {
  readonly minor: number
  isListed: boolean
  isExtended: boolean
  hasZero: boolean
  readonly patches: Set<string>
}

/** A learner that knows nothing. */
export function createSeriesLearner(): SeriesLearner {
  const bases = new Map<string, Map<string, Major>>()
  return {
    add(fields) {
      if (fields.kind !== 'version') return
      const base = neutralPrefix(fields.prefix)
      let majors = bases.get(base)
      if (majors === undefined) bases.set(base, (majors = new Map()))
      addTo(majors, fields)
    },
    versions() {
      let count = 0
      for (const majors of bases.values())
        for (const { minors } of majors.values()) for (const { patches } of minors.values()) count += patches.size
      return count
    },
    finish() {
      const ofTwoNumbers = new Set<string>()
      const fixedPairs = new Set<string>()
      const inDevelopment = new Set<string>()
      for (const [base, majors] of bases) {
        const fast = hasFastMajors([...majors.values()])
        for (const [text, major] of majors) {
          if (base === '' && isOfTwoNumbers(major) && (major.isListedAlone || fast)) ofTwoNumbers.add(`${base} ${text}`)
          if (hasFixedPairs(major)) fixedPairs.add(`${base} ${text}`)
          for (const minor of developmentIn(major)) inDevelopment.add(`${base} ${text}.${minor}`)
        }
      }
      return { ofTwoNumbers, fixedPairs, inDevelopment }
    },
  }
}

function addTo(majors: Map<string, Major>, { core, suffix }: Fields): void {
  const [x = 0, y, z] = core
  let major = majors.get(String(x))
  if (major === undefined)
    majors.set(
      String(x),
      (major = { major: Number(x), isListedAlone: false, hasBuilds: false, isPadded: false, minors: new Map() }),
    )
  const counts = suffix.parts.some(part => part.kind === 'number' && part.word === '')
  const isRelease = !suffix.parts.some(saysStage)
  if (counts) major.hasBuilds = true
  if (y === undefined) {
    major.isListedAlone ||= isRelease
    return
  }
  let minor = major.minors.get(String(y))
  if (minor === undefined)
    major.minors.set(
      String(y),
      (minor = { minor: Number(y), isListed: false, isExtended: false, hasZero: false, patches: new Set() }),
    )
  if (z === undefined) minor.isListed ||= isRelease
  else {
    minor.isExtended = true
    minor.patches.add(String(z))
    if (z === 0) minor.hasZero = true
  }
}

function saysStage(part: Part): boolean {
  return (part.kind === 'number' || part.kind === 'text') && stageOf(part.word) !== undefined
}

function isOfTwoNumbers({ minors, hasBuilds }: Major): boolean {
  return !hasBuilds && minors.size > 0 && [...minors.values()].every(({ isExtended }) => !isExtended)
}

// PostgreSQL's 13, 14, 15: whoever counts majors one by one beyond 10 counts patches behind them.
function hasFastMajors(majors: readonly Major[]): boolean {
  const sorted = majors.filter(({ minors }) => minors.size > 0).toSorted((a, b) => a.major - b.major)
  const isRow = sorted.every((one, at) => at === 0 || one.major === (sorted[at - 1]?.major ?? 0) + 1)
  return isRow && sorted.length > 2 && (sorted[0]?.major ?? 0) >= firstFastMajor && sorted.every(one => isOfTwoNumbers(one) && one.major < firstYear)
}

const firstFastMajor = 10
const firstYear = 1990

// Most tags of two numbers have no longer one: they are the releases.
function hasFixedPairs({ minors }: Major): boolean {
  const listed = [...minors.values()].filter(({ isListed }) => isListed)
  const alone = listed.filter(({ isExtended }) => !isExtended).length
  return alone > 2 && alone * 2 > listed.length
}

// Odd minors that begin at .1 beside even ones that begin at .0.
function developmentIn({ minors }: Major): readonly number[] {
  const all = [...minors.values()].filter(({ isExtended }) => isExtended)
  const odd = all.filter(({ minor }) => minor % 2 === 1)
  const even = all.filter(({ minor }) => minor % 2 === 0)
  const begun = odd.filter(({ patches }) => patches.size > 1).length
  const isSo = odd.every(({ hasZero }) => !hasZero) && begun > 1 && even.filter(({ hasZero }) => hasZero).length > 1
  return isSo ? odd.map(({ minor }) => minor) : []
}
