import { compareToKey, equalEnd, equalRange, keyOfEntry, wholeKey, type Key } from './groups.ts'
import { compareNumerals, type Numeral } from './numeral.ts'
import type { Strategy } from './strategy.ts'
import { isExtended, type TagIndex } from './tag-index.ts'
import { classOf, columnsOf, coreClasses, groupOf, wideStart, type TagTable } from './tag-table.ts'
import { isPreRelease, type Version } from './version.ts'

/** A tag that somebody asks about, in the terms of one index. */
export interface Ask {
  readonly tag: string
  readonly version: Version
  /** The shape's number in the index; undefined where the repository has no such tag. */
  readonly shape: number | undefined
  readonly coreClass: number
  readonly key: Key
  readonly preRelease: boolean
}

/** The version in the terms of the index. */
export function askOf(tag: string, version: Version, { shapes, table }: TagIndex): Ask {
  return {
    tag,
    version,
    shape: shapes.find(version)?.id,
    coreClass: classOf(version),
    key: keyOf(version, table),
    preRelease: isPreRelease(version),
  }
}

/** Whether the tag stands for whatever is newest among longer ones: `1.25` beside `1.25.5`. */
export function floats({ version, shape, coreClass, key }: Ask, { table, byShape }: TagIndex): boolean {
  const { build } = version.suffix
  return shape !== undefined && isExtended(table, byShape, { shape, coreClass, key, build })
}

/** How many numbers of the core a strategy holds fast. */
export const scopeDepth: Readonly<Record<Strategy, number>> = { rebuild: 3, patch: 2, minor: 1, major: 0 }

/** The tag to go to and how many different versions lie on the way, itself included. */
export interface Offer {
  readonly tag: string
  readonly behind: number
}

/** Where to look: within the same first `depth` numbers, at cores of at least a class, above the asker's first `above` columns. */
export interface OfferScope {
  readonly depth: number
  readonly shortest: number
  readonly above: number
}

/** The newest tag of the asker's own shape in the scope that may be offered to it, if there is one. */
export function newestOffer(ask: Ask, index: TagIndex, scope: OfferScope): Offer | undefined {
  let best: number | undefined
  let behind = 0
  for (let coreClass = scope.shortest; coreClass <= coreClasses; coreClass++) {
    const found = newestInGroup(ask, index, { ...scope, group: groupOf(ask.shape, coreClass) })
    if (found === undefined) continue
    behind += found.behind
    if (best === undefined || compareEntries(index.table, found.entry, best) > 0) best = found.entry
  }
  return best === undefined ? undefined : { tag: writtenLike(ask, index, best), behind }
}

function newestInGroup(
  ask: Ask,
  { table, byShape, ranks }: TagIndex,
  { group, depth, above }: OfferScope & { readonly group: number },
): { readonly entry: number; readonly behind: number } | undefined {
  const audience = ask.preRelease ? 'toPreReleases' : 'toReleases'
  const wanted = { group, key: ask.key, depth }
  const start =
    above === 0
      ? equalRange(table, byShape, wanted).start
      : equalEnd(table, byShape, { ...wanted, depth: above })
  const place = byShape[audience][equalEnd(table, byShape, wanted) - 1] ?? -1
  if (place < start) return undefined
  const rankAt = (at: number): number => ranks[audience][at] ?? 0
  const below = start > (byShape.starts[group] ?? 0) ? rankAt(start - 1) : 0
  return { entry: byShape.entries[place] ?? 0, behind: rankAt(place) - below }
}

/** -1, 0 or 1 as the first entry is older than, equal to or newer than the second. */
function compareEntries(table: TagTable, a: number, b: number): -1 | 0 | 1 {
  return compareToKey(table, a, { key: keyOfEntry(table, b), depth: wholeKey })
}

// Several tags may be one version (`1.2.3` and `1.02.3`): the one with as many numbers as the asker's, then the
// shortest, then the first by code units, so that the order of the list decides nothing.
function writtenLike(ask: Ask, { table, byShape }: TagIndex, best: number): string {
  const key = keyOfEntry(table, best)
  const group = table.groups[best] ?? 0
  const { start, end } = equalRange(table, byShape, { group, key, depth: wholeKey })
  let chosen = table.textOf(best)
  for (let place = start; place < end; place++) {
    const tag = table.textOf(byShape.entries[place] ?? best)
    if (compareStyle(tag, chosen, ask) < 0) chosen = tag
  }
  return chosen
}

function compareStyle(a: string, b: string, { tag, version }: Ask): number {
  const behind = version.prefix.length
  const count = writtenNumbers(tag, behind)
  const distance = (other: string): number => Math.abs(writtenNumbers(other, behind) - count)
  return (
    compareNumerals(distance(a), distance(b)) ||
    compareNumerals(a.length, b.length) ||
    (a < b ? -1 : a > b ? 1 : 0)
  )
}

function writtenNumbers(tag: string, behind: number): number {
  const core = /^\d+(?:\.\d+)*/.exec(tag.slice(behind))?.[0] ?? ''
  return core.split('.').length
}

function keyOf(version: Version, table: TagTable): Key {
  return columnsOf(version).map(value => columnValue(value, table.wide))
}

// What a column holds for a number. One that the table lacks falls between the places of its neighbours.
function columnValue(value: Numeral, wide: readonly Numeral[]): number {
  if (typeof value === 'number' && value < wideStart) return value
  let low = 0
  let high = wide.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((wide[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return wide[low] === value ? wideStart + low : wideStart + low - 0.5
}
