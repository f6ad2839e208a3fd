import type { KnownTags } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { LearnedTags } from '../../version/index.ts'
import { firstSeen, publishedAt, wasListed, type TagHistory } from './tag-history.ts'

/** A repository as it was listed, without its tags. */
export interface Listed {
  readonly repository: Repository
  /** The ranges of tags that are complete; at least one. */
  readonly ranges: readonly TagRange[]
  /** How many tags the source listed, including those that are no legal tags. */
  readonly count: number
  readonly validator: string | undefined
  /** When all tags were last listed in full: only a full listing shows every deletion. 0: never. */
  readonly walkedAt: number
  readonly history: TagHistory
  /** The registry answered more than once that the repository does not exist. */
  readonly missing: boolean
  /** Dangling tags, which are listed and resolve to no manifest, and when that was last checked. They are not in `learned`. */
  readonly absent: ReadonlyMap<string, number>
}

/** A repository in memory: as it was listed, and its tags, which are only in `learned`. */
export interface CatalogEntry extends Listed {
  readonly learned: LearnedTags
  /** The registry refused it without credentials lately; with credentials it may answer. */
  readonly denied: boolean
  /** When it was last given to the store; 0: never. */
  readonly savedAt: number
  readonly historyQueries: Required<Pick<KnownTags, 'firstSeen' | 'published' | 'wasListed'>>
}

/** Creates an entry of a listed repository and its tags. */
export function entryOf(listed: Listed, learned: LearnedTags, savedAt: number): CatalogEntry {
  const { history } = listed
  const historyQueries: CatalogEntry['historyQueries'] = {
    firstSeen: tag => firstSeen(history, tag),
    published: tag => publishedAt(history, tag),
    wasListed: tag => wasListed(history, tag),
  }
  return { ...listed, learned, denied: false, savedAt, historyQueries }
}

/** The range that holds a slice (undefined: all tags) completely, if there is one. */
export function rangeIn(entry: CatalogEntry, slice: string | undefined): TagRange | undefined {
  return entry.missing ? undefined : rangeCovering(entry.ranges, slice)
}

/** The memory that an entry takes, in bytes. */
export function bytesOf({ learned, history: { seen, published } }: CatalogEntry): number {
  return learned.bytes + 12 * (seen.hashes.length + published.hashes.length)
}

/** A range of tags that is held completely: those that begin with `prefix`; '' is all of them. */
export interface TagRange {
  readonly prefix: string
  /** When the look-up that it comes from began. */
  readonly fetchedAt: number
  readonly refreshAt: number
  /** The hash of the listing that it comes from: an equal listing needs no work. '' where it was loaded from the disk. */
  readonly contentHash: string
}

/** With more ranges than this, all tags are listed: that costs less. */
export const mostRanges = 16

/** The range that was fetched last of those that include `slice` (undefined: all tags). */
export function rangeCovering(ranges: readonly TagRange[], slice: string | undefined): TagRange | undefined {
  let newest: TagRange | undefined
  for (const range of ranges) {
    if (!(slice ?? '').startsWith(range.prefix)) continue
    if (newest === undefined || range.fetchedAt > newest.fetchedAt) newest = range
  }
  return newest
}

/** The ranges after another look-up; those that the new one includes are dropped. */
export function withRange(ranges: readonly TagRange[], range: TagRange): readonly TagRange[] {
  const others = ranges.filter(({ prefix }) => !prefix.startsWith(range.prefix))
  const oldest = others.length > mostRanges ? others.find(({ prefix }) => prefix !== '') : undefined
  return [...others.filter(other => other !== oldest), range]
}

/** Whether one of the ranges includes the tag. */
export function isInRanges(ranges: readonly TagRange[], tag: string): boolean {
  return ranges.some(({ prefix }) => tag.startsWith(prefix))
}
