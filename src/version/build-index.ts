import { audiencesOf, withoutUnstable } from './audiences.ts'
import { stageColumn } from './columns.ts'
import { coreClasses, gather, groupEntries, groupOf } from './groups.ts'
import { stageKey, usedBits, wholeKey } from './layout.ts'
import { firstBits, offeredBits, type OfferedBits } from './offered-sets.ts'
import { orderEntries } from './order.ts'
import { packIndex, type Built, type WiderGroups } from './pack-index.ts'
import { placeEntries, type Placed } from './place-entries.ts'
import { release } from './release.ts'
import { rankShapes, type Partition, type RankedShapes } from './rank-shapes.ts'
import { textsOfAShape } from './shape-table.ts'
import type { TagIndex } from './tag-index.ts'
import type { TagList } from './tag-list.ts'
import type { ReadTags } from './tag-reader.ts'
import type { TagReading } from './tag-reading.ts'
import { createTextsBuilder, type Texts } from './texts.ts'

/** The index of what was read. It yields after each pass over the tags. */
export function* buildIndex(
  list: TagList,
  read: ReadTags,
): Generator<undefined, Omit<TagIndex, keyof TagReading>> {
  const shapes = yield* rankShapes(read.shapes)
  const placed = yield* placeEntries(list, read, shapes)
  const audiences = yield* audiencesOf(placed, stageColumn)
  yield
  const offered = offeredBits(audiences)
  yield
  const firsts = firstBits(placed, audiences)
  const wider = yield* widerGroupsOf(placed, shapes, { audiences, offered })
  const texts = yield* textsOf(list, { placed, others: read.others, shapes })
  yield
  const size = read.length + read.others.length
  release(audiences, read.groups, read.builds, read.sources, read.others, ...read.columns.all)
  return packIndex({ size, placed, wide: read.columns.wide, shapes, offered, firsts, ...wider, texts })
}

interface Own {
  readonly audiences: Uint8Array
  readonly offered: OfferedBits
}

function* widerGroupsOf(
  placed: Placed,
  { all, families, bases }: RankedShapes,
  own: Own,
): Generator<undefined, Pick<Built, 'byFamily' | 'byBase'>> {
  const audiences = withoutUnstable(own.audiences, placed.groups, all)
  yield
  const asShape = (): WiderGroups => ({
    groups: undefined,
    offered: audiences === own.audiences ? own.offered : offeredBits(audiences),
  })
  const isShape = (partition: Partition): boolean => partition.count === all.length
  const byFamily = isShape(families)
    ? asShape()
    : yield* widerGroups(placed, { partition: families, depth: wholeKey, audiences })
  if (isShape(bases)) return { byFamily, byBase: byFamily }
  // Each base is one family, and there are no revisions that would be in another order.
  const isFamily = bases.count === families.count && !hasRevisions(placed)
  const byBase = isFamily
    ? byFamily
    : yield* widerGroups(placed, { partition: bases, depth: stageKey, audiences })
  if (audiences !== own.audiences) release(audiences)
  return { byFamily, byBase }
}

function hasRevisions({ versions: { widths } }: Placed): boolean {
  return usedBits(widths, stageKey).join() !== usedBits(widths, wholeKey).join()
}

function* widerGroups(
  placed: Placed,
  { partition, depth, audiences }: { partition: Partition; depth: number; audiences: Uint8Array },
): Generator<undefined, WiderGroups> {
  // The places are in the order of the shapes: so are, in the end, equal versions of one group.
  const order = yield* orderEntries(placed.versions, depth)
  const groups = gather(groupsOf(partition), placed.groups)
  yield
  const grouped = groupEntries(order, groups, partition.count * coreClasses)
  release(order, groups)
  yield
  const gathered = gatherBytes(audiences, grouped.entries)
  const offered = offeredBits(gathered)
  release(gathered)
  yield
  return { groups: grouped, offered }
}

// For each group of a shape the group of the part that the shape is in.
function groupsOf({ parts }: Partition): Uint32Array {
  const groups = new Uint32Array(parts.length * coreClasses)
  for (let group = 0; group < groups.length; group++)
    groups[group] = groupOf(parts[Math.floor(group / coreClasses)], (group % coreClasses) + 1)
  return groups
}

function gatherBytes(values: Uint8Array, at: Uint32Array): Uint8Array {
  const gathered = new Uint8Array(at.length)
  for (let place = 0; place < at.length; place++) gathered[place] = values[at[place] ?? 0] ?? 0
  return gathered
}

const sliceTexts = 10_000 // a tag has a dozen bytes

function* textsOf(
  list: TagList,
  { placed, others, shapes }: { placed: Placed; others: Uint32Array; shapes: RankedShapes },
): Generator<undefined, Texts> {
  const { starts } = list
  const parts = shapes.all.flatMap(({ prefix, variant, revisionKinds }) => [prefix, variant, revisionKinds])
  const partBytes = parts.reduce((sum, { length }) => sum + length, 0)
  const builder = createTextsBuilder(
    placed.sources.length + others.length + shapes.all.length * textsOfAShape,
    (starts[list.length] ?? 0) - (starts[0] ?? 0) + partBytes,
  )
  for (const sources of [placed.sources, others])
    for (let from = 0; from < sources.length; from += sliceTexts) {
      builder.copy(list, sources.subarray(from, from + sliceTexts))
      yield
    }
  for (const part of parts) builder.write(part)
  return builder.finish()
}
