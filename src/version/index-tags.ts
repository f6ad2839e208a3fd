import { buildIndex } from './build-index.ts'
import type { TagIndex } from './tag-index.ts'
import type { TagList } from './tag-list.ts'
import { createTagReader, type TagReader } from './tag-reader.ts'
import { builtInReading, type TagReading } from './tag-reading.ts'

/** The index of a repository's tags; linear in their number. Never throws: what is no legal tag is left out. */
export function indexTags(tags: TagList, reading: TagReading = builtInReading): TagIndex {
  const slices = indexTagsInSlices(tags, reading)
  for (;;) {
    const step = slices.next()
    if (step.done) return step.value
  }
}

// Half a millisecond of reading on a slow core; the other steps are passes over arrays of numbers.
const sliceTags = 1_000

/** The same in slices: each `next()` works for a few milliseconds at most, so that other work gets its turn between them. */
export function* indexTagsInSlices(
  tags: TagList,
  reading: TagReading = builtInReading,
): Generator<undefined, TagIndex> {
  const reader = createTagReader(tags, reading)
  for (let start = 0; start < tags.length; start += sliceTags) {
    readSlice(reader, start, Math.min(start + sliceTags, tags.length))
    yield
  }
  return { ...(yield* buildIndex(tags, reader.finish())), ...reading }
}

function readSlice(reader: TagReader, start: number, end: number): void {
  for (let at = start; at < end; at++) reader.take(at)
}
