import {
  audience,
  equalRange,
  groupEntries,
  keyOfEntry,
  offeredPlaces,
  offeredRanks,
  wholeKey,
  type Groups,
  type Key,
} from './groups.ts'
import { orderEntries, type Order } from './order.ts'
import type { Shape, Shapes } from './shapes.ts'
import { createTagReader, type TagReader } from './tag-reader.ts'
import { classOfEntry, coreClasses, groupOf, shapeOf, stageColumn, type TagTable } from './tag-table.ts'
import { stages } from './version.ts'

/** Groups with what may be offered in them to users of releases and to users of pre-releases: see {@link offeredPlaces}. */
export interface OfferedGroups extends Groups {
  readonly toReleases: Int32Array
  readonly toPreReleases: Int32Array
}

/** How many different versions are offered up to each place: see {@link offeredRanks}. */
export interface OfferedRanks {
  readonly toReleases: Uint32Array
  readonly toPreReleases: Uint32Array
}

/** The tags of one repository in an order that makes a choice cheap. Immutable. */
export interface TagIndex {
  /** How many legal tags the repository has, those that are no versions included. */
  readonly size: number
  readonly shapes: Shapes
  readonly table: TagTable
  /** Comparable tags together, by the length of their core: see {@link groupOf}. */
  readonly byShape: OfferedGroups
  readonly ranks: OfferedRanks
  /** Tags whose shapes differ only in numbers and commits. */
  readonly byFamily: OfferedGroups
  /** Tags whose prefixes are the same but for a `v`. */
  readonly byBase: OfferedGroups
}

/** The index of a repository's tags; linear in their number. Never throws: what is no legal tag is left out. */
export function indexTags(tags: readonly string[]): TagIndex {
  const slices = indexTagsInSlices(tags)
  for (;;) {
    const step = slices.next()
    if (step.done) return step.value
  }
}

// Half a millisecond of reading on a slow core; the other steps are passes over arrays of numbers.
const sliceTags = 1_000

/** The same in slices: each `next()` works for a few milliseconds at most, so that other work gets its turn between them. */
export function* indexTagsInSlices(tags: readonly string[]): Generator<undefined, TagIndex> {
  const reader = createTagReader(tags.length)
  let size = 0
  for (let start = 0; start < tags.length; start += sliceTags) {
    size += readSlice(reader, tags, start)
    yield
  }
  const table = reader.finish()
  yield
  const order = yield* orderEntries(table)
  return yield* groupTable(table, { shapes: reader.shapes, order, size })
}

// Gives the number of legal tags in the slice.
function readSlice(reader: TagReader, tags: readonly string[], start: number): number {
  let size = 0
  const end = Math.min(start + sliceTags, tags.length)
  for (let at = start; at < end; at++) {
    const why = reader.take(tags[at] ?? '')
    if (why !== 'illegal' && why !== 'artefact') size++
  }
  return size
}

function* groupTable(
  table: TagTable,
  { shapes, order, size }: { shapes: Shapes; order: Order; size: number },
): Generator<undefined, TagIndex> {
  const grouped = (idOf: (shape: Shape) => number): Groups =>
    groupEntries(table, order.entries, groupNumbers(shapes.all.map(idOf)))
  const shapeGroups = grouped(shape => shape.id)
  yield
  const audiences = yield* audiencesOf(table, shapeGroups)
  const byShape = yield* withOffers(shapeGroups, audiences)
  const toReleases = offeredRanks(byShape, byShape.toReleases, order.versions)
  yield
  const toPreReleases = offeredRanks(byShape, byShape.toPreReleases, order.versions)
  yield
  const elsewhere = hideUnstable(audiences, table, shapes)
  yield
  const familyGroups = grouped(shape => shape.family)
  const byFamily = yield* withOffers(familyGroups, elsewhere)
  const baseGroups = grouped(shape => shape.base)
  const byBase = yield* withOffers(baseGroups, elsewhere)
  return { size, shapes, table, byShape, ranks: { toReleases, toPreReleases }, byFamily, byBase }
}

// For each group of a shape the number of the wider group that it is part of.
function groupNumbers(ids: readonly number[]): Uint32Array {
  return Uint32Array.from({ length: ids.length * coreClasses }, (_, group) =>
    groupOf(ids[Math.floor(group / coreClasses)], (group % coreClasses) + 1),
  )
}

function* withOffers(groups: Groups, audiences: Uint8Array): Generator<undefined, OfferedGroups> {
  yield
  const toReleases = offeredPlaces(groups, { audiences, asked: audience.everybody })
  yield
  const toPreReleases = offeredPlaces(groups, { audiences, asked: audience.preReleaseUsers })
  return { ...groups, toReleases, toPreReleases }
}

/**
 * Whether tags of the shape with more numbers than `coreClass` start with the same numbers. A tag that says which build
 * it is (`16beta1`, `21_35`) does not float over other builds: only a longer spelling of the same one extends it.
 */
export function isExtended(
  table: TagTable,
  byShape: Groups,
  { shape, coreClass, key, build }: { shape: number; coreClass: number; key: Key; build: boolean },
): boolean {
  for (let longer = coreClass + 1; longer <= coreClasses; longer++) {
    const range = equalRange(table, byShape, {
      group: groupOf(shape, longer),
      key,
      depth: build ? wholeKey : coreClass,
    })
    if (range.end > range.start) return true
  }
  return false
}

// A floating tag is offered to nobody.
function* audiencesOf(table: TagTable, byShape: Groups): Generator<undefined, Uint8Array> {
  const audiences = new Uint8Array(table.length)
  const stage = table.columns[stageColumn] ?? audiences
  for (let entry = 0; entry < table.length; entry++)
    if ((stage[entry] ?? 0) < stages.release) audiences[entry] = audience.preReleaseUsers
  for (let start = 0; start < table.length; start += sliceTags) {
    yield
    const end = Math.min(start + sliceTags, table.length)
    for (let entry = start; entry < end; entry++)
      if (isShort(table, entry) && isExtendedEntry(table, byShape, entry)) audiences[entry] = audience.nobody
  }
  return audiences
}

function isShort({ groups }: TagTable, entry: number): boolean {
  return (groups[entry] ?? 0) % coreClasses !== coreClasses - 1
}

function isExtendedEntry(table: TagTable, byShape: Groups, entry: number): boolean {
  return isExtended(table, byShape, {
    shape: shapeOf(table, entry),
    coreClass: classOfEntry(table, entry),
    key: keyOfEntry(table, entry),
    build: table.build[entry] === 1,
  })
}

// A prefix such as `dev-` makes every tag behind it a pre-release to those who come from another shape.
function hideUnstable(audiences: Uint8Array, table: TagTable, shapes: Shapes): Uint8Array {
  const unstable = shapes.all.map(shape => shape.unstable)
  if (!unstable.includes(true)) return audiences
  return audiences.map((own, entry) =>
    unstable[shapeOf(table, entry)] === true ? Math.max(own, audience.preReleaseUsers) : own,
  )
}
