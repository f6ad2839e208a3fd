import { coreClasses, gather, groupEntries } from './groups.ts'
import { isSameVersion, packColumns, permuted, wholeKey, widthsOf, type PackedVersions } from './layout.ts'
import { orderEntries } from './order.ts'
import type { RankedShapes } from './rank-shapes.ts'
import { release } from './release.ts'
import { sortInSlices } from './sort-in-slices.ts'
import { compareSpellings, type Stretch } from './spelling.ts'
import type { TagList } from './tag-list.ts'
import type { ReadTags } from './tag-reader.ts'

/** The versions of a repository shape by shape, each from the oldest to the newest: what is in arrays has a place for each. */
export interface Placed {
  readonly versions: PackedVersions
  /** Where each group of a shape starts; one more at the end. */
  readonly starts: Uint32Array
  readonly groups: Uint32Array
  readonly builds: Uint32Array
  /** The place of each tag in its list. */
  readonly sources: Uint32Array
  /** 1 where the version is that of the place before, in the same group. */
  readonly repeats: Uint8Array
}

/** Puts what was read in order. */
export function* placeEntries(
  list: TagList,
  read: ReadTags,
  shapes: RankedShapes,
): Generator<undefined, Placed> {
  const { length, columns } = read
  const ranked = rankedGroups(read, shapes)
  const packed = yield* packColumns(columns.all, widthsOf(columns.largest), length)
  const order = yield* orderEntries(packed, wholeKey)
  const { entries: places, starts } = groupEntries(order, ranked, shapes.all.length * coreClasses)
  yield
  const versions = permuted(packed, places)
  const groups = gather(ranked, places)
  yield
  const repeats = repeatsIn(versions, groups)
  yield
  const prefixes = Uint8Array.from(shapes.all, ({ prefix }) => prefix.length)
  const entries = yield* sortSpellings(places, repeats, (a, b) =>
    compareSpellings(
      stretchAt(list, read.sources[a] ?? 0),
      stretchAt(list, read.sources[b] ?? 0),
      prefixes[Math.floor((ranked[a] ?? 0) / coreClasses)] ?? 0,
    ),
  )
  const builds = gather(read.builds, entries)
  const sources = gather(read.sources, entries)
  release(packed.words, ranked, order, places, entries)
  return {
    versions,
    starts,
    groups,
    builds,
    sources,
    repeats,
  }
}

function rankedGroups({ groups, length }: ReadTags, { ranks }: RankedShapes): Uint32Array {
  const numbers = new Uint32Array(ranks.length * coreClasses)
  for (let group = 0; group < numbers.length; group++)
    numbers[group] = (ranks[Math.floor(group / coreClasses)] ?? 0) * coreClasses + (group % coreClasses)
  const ranked = new Uint32Array(length)
  for (let entry = 0; entry < length; entry++) ranked[entry] = numbers[groups[entry] ?? 0] ?? 0
  return ranked
}

function repeatsIn(versions: PackedVersions, groups: Uint32Array): Uint8Array {
  const repeats = new Uint8Array(groups.length)
  for (let place = 1; place < groups.length; place++)
    if (groups[place] === groups[place - 1] && isSameVersion(versions, place - 1, place)) repeats[place] = 1
  return repeats
}

function stretchAt({ bytes, starts }: TagList, at: number): Stretch {
  return { bytes, start: starts[at] ?? 0, end: starts[at + 1] ?? 0 }
}

// Sorts each run of equal versions, so that neither the order of the list nor the number of spellings matters to who asks.
function* sortSpellings(
  places: Uint32Array,
  repeats: Uint8Array,
  compare: (a: number, b: number) => number,
): Generator<undefined, Uint32Array> {
  const sorted = places.slice()
  let looked = 0
  for (let start = 0; start < sorted.length;) {
    let end = start + 1
    while (repeats[end] === 1) end++
    if (end - start === 2) sortPair(sorted.subarray(start, end), compare)
    else if (end - start > 2) sorted.set(yield* sortInSlices(sorted.subarray(start, end), compare), start)
    if (++looked % sliceRuns === 0) yield
    start = end
  }
  return sorted
}

const sliceRuns = 5_000 // nearly all of them are of one place

function sortPair(pair: Uint32Array, compare: (a: number, b: number) => number): void {
  const [a = 0, b = 0] = pair
  if (compare(a, b) > 0) pair.set([b, a])
}
