import type { Grammar } from '../grammar/grammar.ts'
import { isOtherKind } from '../tag/dates.ts'
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
    const place = placeOfDifference(other.core, own.core)
    return (other.core[place] ?? 0) <= (limits[place] ?? Number.POSITIVE_INFINITY)
  }
}

type Core = Version['core']

// Those that are higher than the asker's in the first number that differs, for each place of it.
function numbersBeyond(own: Version, comparable: readonly Tagged[]): readonly (readonly Tagged[])[] {
  const beyond: Tagged[][] = [[], [], []]
  for (const one of comparable) {
    const place = placeOfDifference(one.version.core, own.core)
    if ((one.version.core[place] ?? 0) > (own.core[place] ?? 0)) beyond[place]?.push(one)
  }
  return beyond
}

const comparedPlaces = 3

function placeOfDifference(a: Core, b: Core): number {
  let place = 0
  while (place < comparedPlaces && (a[place] ?? 0) === (b[place] ?? 0)) place++
  return place
}

// The highest number at a place that is still of the asker's scheme.
function limitAt(start: Numeral | undefined, beyond: readonly Tagged[], place: number): Numeral {
  if (start === undefined) return Number.POSITIVE_INFINITY
  const byValue = Map.groupBy(beyond, ({ version }) => version.core[place] ?? 0)
  let limit = start
  const ofKind: Numeral[] = []
  for (const value of [...byValue.keys()].toSorted(compareNumerals)) {
    const isCalendar = place === 0 && isGap(limit, value) && areMonths(byValue.get(value) ?? [])
    if (isOtherKind(limit, value, place) || isCalendar) break
    limit = value
    ofKind.push(value)
  }
  return place === 0 ? withoutSlip(start, ofKind, byValue) : limit
}

/** Whether the numbers of a version are years, dates or counts where those of another are none. */
export function isOfOtherKind(core: Core, own: Core): boolean {
  const place = placeOfDifference(core, own)
  return place < comparedPlaces && isOtherKind(own[place] ?? 0, core[place] ?? 0, place)
}

function isGap(limit: Numeral, value: Numeral): boolean {
  return value > BigInt(limit) * 2n + 1n && value >= BigInt(limit) + leastGap
}

const leastGap = 5n

// `20.04.1`: year and month. Nine of twelve months are written with a zero; in some repositories every second one.
function areMonths(tagged: readonly Tagged[]): boolean {
  const months = tagged.filter(({ tag, version }) =>
    /^\d\d\.0\d(?!\d)/.test(tag.slice(version.prefix.length)),
  )
  return months.length * 2 >= tagged.length
}

// One or two versions far beyond all others: a release of the base, a digit too many.
function withoutSlip(
  start: Numeral,
  values: readonly Numeral[],
  byValue: ReadonlyMap<Numeral, readonly Tagged[]>,
): Numeral {
  let limit = start
  for (const [at, value] of values.entries()) {
    if (isGap(limit, value)) {
      const rest = values.slice(at).flatMap(one => byValue.get(one) ?? [])
      if (new Set(rest.map(({ version }) => version.core.join('.'))).size <= mostSlips) break
    }
    limit = value
  }
  return limit
}

const mostSlips = 2
