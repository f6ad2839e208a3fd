import { learnInSlices, wholeOf } from '../grammar/learn.ts'
import type { Grammar } from '../grammar/grammar.ts'
import { isArtefact, isLegalStretch } from '../tag/legal.ts'
import { asciiText, placeOf, tagListOf, textsOf, type TagList } from '../tag/tag-list.ts'
import { noImage, type Unreadable } from '../tag/fields.ts'
import { builtInReading, type TagReading } from './tag-reading.ts'
import type { Version } from './version.ts'

/** The tags of one repository with what they taught. Immutable. */
export interface LearnedTags {
  /** The legal tags, those that are no versions included, signatures and their like not. */
  readonly list: TagList
  readonly grammar: Grammar
  readonly reading: TagReading
  /** Tags that are never chosen, though what they teach and that they are newer than others holds. */
  readonly without?: ReadonlySet<string>
  /** About how much memory it takes. */
  readonly bytes: number
}

/** The tags of a list with their grammar; linear in their number. Never throws: what is no legal tag is left out. */
export function learnTags(list: TagList, reading: TagReading = builtInReading): LearnedTags {
  return wholeOf(learnTagsInSlices(list, reading))
}

/** The same in slices: each `next()` works for a few milliseconds at most, so that other work gets its turn between them. */
export function* learnTagsInSlices(
  list: TagList,
  reading: TagReading = builtInReading,
): Generator<undefined, LearnedTags> {
  const legal = yield* withoutOthers(list)
  const grammar = yield* learnInSlices(legal)
  return { list: legal, grammar, reading, bytes: bytesOf(legal, grammar) }
}

/** The tag as a version by what its repository taught, or why it is none. */
export function readBy(
  { grammar, reading }: Pick<LearnedTags, 'grammar' | 'reading'>,
  tag: string,
): Version | Unreadable {
  return noImage(tag) ?? reading.reader(grammar)(tag)
}

/** Whether the repository has a tag; false for one that has no version. */
export function lists(tags: LearnedTags, tag: string): boolean {
  return typeof readBy(tags, tag) !== 'string' && placeOf(tags.list, tag) >= 0
}

/** What stands between two tags of a line: versions, or revisions of the image as well where its tags have such (`-r4`). */
export type Counted = 'versions' | 'revisions'

/** What is counted on the way from this tag to a newer one. */
export function countedFrom(tag: string, tags: LearnedTags): Counted {
  const version = readBy(tags, tag)
  return typeof version !== 'string' && version.revisionKinds !== '' ? 'revisions' : 'versions'
}

const bytesOfEntry = 100 // of a map, with its key

function bytesOf(
  { bytes, starts }: TagList,
  { roles, commitSlots, decorations, spellings, series }: Grammar,
): number {
  const entries = [roles, commitSlots, decorations, spellings, ...Object.values(series)].reduce(
    (sum, { size }) => sum + size,
    0,
  )
  return bytes.byteLength + starts.byteLength + entries * bytesOfEntry
}

const sliceTags = 10_000

// Most lists hold nothing else, and are kept as they are.
function* withoutOthers(list: TagList): Generator<undefined, TagList> {
  const others = new Set<number>()
  for (let at = 0; at < list.length; at++) {
    if (at % sliceTags === sliceTags - 1) yield
    if (!isImageAt(list, at)) others.add(at)
  }
  if (others.size === 0) return list
  return tagListOf(textsOf(list).filter((_, at) => !others.has(at)))
}

function isImageAt({ bytes, starts }: TagList, at: number): boolean {
  const start = starts[at] ?? 0
  const end = starts[at + 1] ?? 0
  if (!isLegalStretch(bytes, start, end)) return false
  // Only these need to be read: `sha256-…`, `….sig`, `….sbom`.
  const mayBeArtefact = bytes[start] === letterS || bytes[end - 4] === dot || bytes[end - 5] === dot
  return !mayBeArtefact || !isArtefact(asciiText(bytes, start, end))
}

const [letterS, dot] = [115, 46]
