import { isExtended } from './audiences.ts'
import { countBits, lastBit } from './bits.ts'
import { columnsOf, columnValue } from './columns.ts'
import {
  classOf,
  coreClasses,
  equalEnd,
  equalRange,
  firstPlace,
  groupAt,
  groupOf,
  type Range,
} from './groups.ts'
import { compareEntries, keyOfEntry, wholeKey, type Key } from './layout.ts'
import { findShape } from './shape-table.ts'
import { shapeOf, type Shape } from './shapes.ts'
import { compareSpellings, compareStretches, stretchOf, writtenNumbers } from './spelling.ts'
import type { Strategy } from './strategy.ts'
import type { TagIndex } from './tag-index.ts'
import { textAt, textStretch } from './texts.ts'
import { isPreRelease, type Version } from './version.ts'

/** A tag that somebody asks about, in the terms of one index. */
export interface Ask {
  readonly tag: string
  readonly version: Version
  readonly shape: Shape
  /** The shape's number in the index; undefined where the repository has no such tag. */
  readonly id: number | undefined
  readonly coreClass: number
  readonly key: Key
  readonly preRelease: boolean
}

/** The version in the terms of the index. */
export function askOf(tag: string, version: Version, { shapes, wide }: TagIndex): Ask {
  const shape = shapeOf(version)
  return {
    tag,
    version,
    shape,
    id: findShape(shapes, shape),
    coreClass: classOf(version),
    key: columnsOf(version).map(value => columnValue(value, wide)),
    preRelease: isPreRelease(version),
  }
}

/** Whether the tag stands for whatever is newest among longer ones: `1.25` beside `1.25.5`. */
export function floats({ version, id, coreClass, key }: Ask, { versions, byShape }: TagIndex): boolean {
  const { build } = version.suffix
  return id !== undefined && isExtended(versions, byShape, { shape: id, coreClass, key, build })
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
    const found = newestInGroup(ask, index, { ...scope, group: groupOf(ask.id, coreClass) })
    if (found === undefined) continue
    behind += found.behind
    if (best === undefined || compareEntries(index.versions, found.place, best) > 0) best = found.place
  }
  return best === undefined ? undefined : { tag: writtenLike(ask, index, best), behind }
}

function newestInGroup(
  ask: Ask,
  { versions, byShape, firsts }: TagIndex,
  { group, depth, above }: OfferScope & { readonly group: number },
): { readonly place: number; readonly behind: number } | undefined {
  const audience = ask.preRelease ? 'toPreReleases' : 'toReleases'
  const wanted = { group, key: ask.key, depth }
  const start =
    above === 0
      ? equalRange(versions, byShape, wanted).start
      : equalEnd(versions, byShape, { ...wanted, depth: above })
  const end = equalEnd(versions, byShape, wanted)
  const place = lastBit(byShape[audience], start, end)
  return place < 0 ? undefined : { place, behind: countBits(firsts[audience], start, end) }
}

/** The places of a version in the group of a shape. */
export function placesOf({ versions, byShape }: TagIndex, group: number, key: Key): Range {
  return equalRange(versions, byShape, { group, key, depth: wholeKey })
}

// Several tags may be one version (`1.2.3` and `1.02.3`): the one with as many numbers as the asker's, then the
// shortest, then the first by code units, so that the order of the list decides nothing. They stand in that order, those
// with fewer numbers first.
function writtenLike(ask: Ask, index: TagIndex, best: number): string {
  const { versions, byShape, texts } = index
  const behind = ask.shape.prefix.length
  const { start, end } = placesOf(index, groupAt(byShape, best), keyOfEntry(versions, best))
  const countAt = (place: number): number => writtenNumbers(textStretch(texts, place), behind)
  const count = writtenNumbers(stretchOf(ask.tag), behind)
  let chosen: { readonly place: number; readonly distance: number } | undefined
  for (let place = start; place < end;) {
    const own = countAt(place)
    const distance = Math.abs(own - count)
    const order =
      chosen === undefined
        ? -1
        : distance - chosen.distance ||
          compareStretches(textStretch(texts, place), textStretch(texts, chosen.place))
    if (order < 0) chosen = { place, distance }
    place = firstPlace({ start: place + 1, end }, other => countAt(other) > own)
  }
  return textAt(texts, chosen?.place ?? best)
}

/** Whether the repository has a tag; false for one that has no version. */
export function lists(index: TagIndex, tag: string): boolean {
  const version = index.read(tag)
  return typeof version !== 'string' && isListed(askOf(tag, version, index), index)
}

/** Whether the repository has the tag itself. */
export function isListed({ tag, id, coreClass, key, shape }: Ask, index: TagIndex): boolean {
  const { start, end } = placesOf(index, groupOf(id, coreClass), key)
  const own = stretchOf(tag)
  const compare = (place: number): number =>
    compareSpellings(textStretch(index.texts, place), own, shape.prefix.length)
  const place = firstPlace({ start, end }, other => compare(other) >= 0)
  return place < end && compare(place) === 0
}
