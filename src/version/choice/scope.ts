import type { Grammar } from '../grammar/grammar.ts'
import { compareNumerals, type Numeral } from '../tag/numeral.ts'
import type { Strategy } from './strategy.ts'
import type { Tagged } from './survey.ts'
import type { Version } from '../reading/version.ts'

/** How many numbers of the core each strategy holds fast. */
export const scopeDepth: Readonly<Record<Strategy, number>> = { rebuild: 3, patch: 2, minor: 1, major: 0 }

/** How many numbers of this version a strategy holds fast. */
export function depthOf(version: Version, strategy: Strategy, { series }: Grammar): number {
  const { core, first, kind, base, revisionKinds } = version
  if (kind === 'named') return core.length
  const depth = scopeDepth[strategy]
  if (first > 0 && depth > 1) return first + depth
  // What a word counts (`-r4`) may count patches.
  const isOfTwo = series.ofTwoNumbers.has(`${base} ${core[0]}`) && !/[A-Za-z]/.test(revisionKinds)
  return isOfTwo && strategy === 'patch' ? 1 : depth
}

/** Whether two versions have the same first `depth` numbers. */
export function isWithin(a: Version, b: Version, depth: number): boolean {
  for (let at = 0; at < depth; at++) if (compareNumerals(a.core[at] ?? 0, b.core[at] ?? 0) !== 0) return false
  return true
}

/**
 * Whether a version belongs to the scheme that the asker is in, and to no series in development. A repository may have
 * several schemes: numbers and calendars, versions and build numbers, and now and then a slip.
 */
export function createSchemeTest(
  own: Version,
  comparable: readonly Tagged[],
  { series }: Grammar,
): (other: Version) => boolean {
  if (own.kind === 'scheme') return () => true
  const beyond = numbersBeyond(own, comparable)
  const limits = beyond.map((cores, place) => limitAt(own.core[place], cores, place))
  const isOfDevelopment = ({ base, core }: Version): boolean =>
    series.inDevelopment.size > 0 && series.inDevelopment.has(`${base} ${core[0]}.${core[1]}`)
  return other => {
    if (isOfDevelopment(other) && !isOfDevelopment(own)) return false
    const place = placeOfDifference(other, own)
    return (other.core[place] ?? 0) <= (limits[place] ?? Number.POSITIVE_INFINITY)
  }
}

type Cores = readonly (readonly Numeral[])[]

// Those that are higher than the asker's in the first number that differs, for each place of it.
function numbersBeyond(own: Version, comparable: readonly Tagged[]): readonly Cores[] {
  const beyond: (readonly Numeral[])[][] = [[], [], []]
  for (const { version } of comparable) {
    const place = placeOfDifference(version, own)
    if ((version.core[place] ?? 0) > (own.core[place] ?? 0)) beyond[place]?.push(version.core)
  }
  return beyond
}

const comparedPlaces = 3

function placeOfDifference({ core: a }: Version, { core: b }: Version): number {
  let place = 0
  while (place < comparedPlaces && (a[place] ?? 0) === (b[place] ?? 0)) place++
  return place
}

// The highest number at a place that is still of the asker's scheme.
function limitAt(start: Numeral | undefined, beyond: Cores, place: number): Numeral {
  if (start === undefined) return Number.POSITIVE_INFINITY
  const values = new Set(beyond.map(core => core[place] ?? 0))
  let limit = start
  for (const value of [...values].toSorted(compareNumerals)) {
    if (isOtherKind(limit, value, place) || (place === 0 && isSlip({ limit, value, beyond }))) break
    limit = value
  }
  return limit
}

// A year or a date after counts, or a hundred times as much; as a patch number only a date or more, for some count builds.
function isOtherKind(limit: Numeral, value: Numeral, place: number): boolean {
  if (place > 1) return value >= firstDate && limit < firstDate
  if (value >= firstYear && limit < largestCount) return true
  return value >= hundredfold && value >= BigInt(limit) * BigInt(hundredfold)
}

const firstDate = 19_900_101
const firstYear = 1990
const largestCount = 1000
const hundredfold = 100

interface Gap {
  readonly limit: Numeral
  readonly value: Numeral
  readonly beyond: Cores
}

// One or two versions far beyond all others: a release of the base, a digit too many.
function isSlip({ limit, value, beyond }: Gap): boolean {
  if (value <= BigInt(limit) * 2n + 1n || value < BigInt(limit) + leastGap) return false
  const cores = new Set(beyond.flatMap(core => ((core[0] ?? 0) >= value ? [core.join('.')] : [])))
  return cores.size <= mostSlips
}

const leastGap = 5n
const mostSlips = 2
