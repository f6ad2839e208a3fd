import { firstBit, type BitSet } from './bits.ts'
import { coreClasses, entryAt, firstPlace, groupAt, groupOf, type Groups, type Range } from './groups.ts'
import type { Candidate } from './likeness.ts'
import type { Ask } from './offer.ts'
import { shapeAt, shapesWith, variantAt } from './shape-table.ts'
import { withoutCommits } from './shapes.ts'
import type { TagIndex } from './tag-index.ts'
import { textAt } from './texts.ts'

/** Where a line may go on: groups of an index with what may be offered in them. */
export interface Wider {
  readonly index: TagIndex
  readonly ask: Ask
  readonly groups: Groups
  readonly offered: BitSet
  /** Core and stage are the asker's: only a revision is newer. */
  readonly isSame: boolean
}

// Who has more spellings of one version in one shape than this has none that people would miss.
const mostAlike = 64

/**
 * Of the tags of one version in a group those that may be most like the asker's. Equal versions stand in the order of
 * their shapes, so that of thousands only a few are looked at.
 */
export function* candidatesIn(wider: Wider, range: Range): Generator<Candidate> {
  const { shapes } = wider.index
  for (let start = range.start; start < range.end;) {
    const { prefix } = shapeAt(shapes, shapeOfPlace(wider, start))
    const run = placesOf(wider, { start, end: range.end }, shapesWith(shapes, prefix))
    for (const place of alikeIn(wider, run, prefix)) {
      const id = shapeOfPlace(wider, place)
      yield { tag: textAt(wider.index.texts, entryAt(wider.groups, place)), id, shape: shapeAt(shapes, id) }
    }
    start = run.end
  }
}

// Of one prefix: those of the asker's variant, or else those of the first variant that there is.
function alikeIn(wider: Wider, run: Range, prefix: string): readonly number[] {
  const { index, ask } = wider
  const { variant } = ask.shape
  const own = fitting(wider, placesOf(wider, run, shapesWith(index.shapes, prefix, variant)), mostAlike)
  if (own.length > 0 || (wider.isSame && withoutCommits(variant) === variant)) return own
  const [first] = fitting(wider, run, 1)
  if (first === undefined) return []
  const found = variantAt(index.shapes, shapeOfPlace(wider, first))
  const alike = placesOf(wider, { start: first, end: run.end }, shapesWith(index.shapes, prefix, found))
  return fitting(wider, alike, mostAlike)
}

// As many places that do not fit are passed over: whoever has more of them has a repository made to keep us busy.
const mostTried = 128

// The first places that may be offered, at most so many.
function fitting(wider: Wider, { start, end }: Range, most: number): readonly number[] {
  const places: number[] = []
  const own = ownEntries(wider)
  let at = start
  for (let tried = 0; places.length < most && tried < mostTried; tried++) {
    const place = firstBit(wider.offered, at, end)
    if (place < 0) break
    const entry = entryAt(wider.groups, place)
    const isOwn = entry >= own.start && entry < own.end
    at = isOwn ? firstEntry(wider.groups, { start: place, end }, own.end) : place + 1
    if (!isOwn && fits(wider, place)) places.push(place)
  }
  return places
}

// What the asker's own shape has at cores as long as its own was not newer.
function ownEntries({ index: { byShape }, ask: { id, coreClass } }: Wider): Range {
  if (id === undefined) return { start: 0, end: 0 }
  const { starts } = byShape
  return { start: starts[groupOf(id, coreClass)] ?? 0, end: starts[groupOf(id + 1, 1)] ?? 0 }
}

// The revisions of two variants count different things (`-debian-11-r40`, `-debian-12-r2`), unless the variants differ
// in a commit only: `1.2.3-4-g4f3a9c1`.
function fits(wider: Wider, place: number): boolean {
  if (!wider.isSame) return true
  const variant = variantAt(wider.index.shapes, shapeOfPlace(wider, place))
  return withoutCommits(variant) === withoutCommits(wider.ask.shape.variant)
}

function shapeOfPlace({ index, groups }: Wider, place: number): number {
  return Math.floor(groupAt(index.byShape, entryAt(groups, place)) / coreClasses)
}

// The places of some shapes; entries are numbered in the order of their shapes.
function placesOf({ index, groups }: Wider, range: Range, shapes: Range): Range {
  const { starts } = index.byShape
  return {
    start: firstEntry(groups, range, starts[groupOf(shapes.start, 1)] ?? 0),
    end: firstEntry(groups, range, starts[groupOf(shapes.end, 1)] ?? 0),
  }
}

function firstEntry(groups: Groups, range: Range, entry: number): number {
  return firstPlace(range, place => entryAt(groups, place) >= entry)
}
