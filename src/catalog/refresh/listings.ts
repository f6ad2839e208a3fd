import { createHash } from 'node:crypto'
import type { TagListing } from '../../evaluation/index.ts'
import { tagAt, type LearnedTags } from '../../version/index.ts'
import type { NextTurn, LearnTags, Entries } from './entries.ts'
import { isInRanges, withRange, rangeIn, type CatalogEntry } from '../entry/entry.ts'
import { differenceOf, united, without, type Difference, type Extent } from '../entry/difference.ts'
import { stillDangling } from './dangling-tags.ts'
import type { SuspectedDeletions } from './suspected-deletions.ts'
import { createTagHistory, historyAfter } from '../entry/tag-history.ts'
import { hashesOf } from '../entry/tag-hash.ts'
import type { Task } from './look-ups.ts'

/** An answer to a look-up that began at an instant; the task's scope is the one that it is kept in. */
export interface Arrival {
  readonly listing: TagListing
  readonly task: Task
  readonly begun: number
}

export interface ListingParts {
  readonly entries: Entries
  readonly suspectedDeletions: SuspectedDeletions
  readonly learnTags: LearnTags
  readonly nextTurn: NextTurn
}

/** Applies an answer to the entries; where deletions are suspected, what is held stays in force. Only one at a time for each scope. */
export async function takeListing(arrival: Arrival, parts: ListingParts): Promise<CatalogEntry> {
  const { task } = arrival
  const { entries, suspectedDeletions } = parts
  const sealed = {
    ...arrival,
    contentHash: contentHashOf(arrival.listing),
    extent: extentOf(arrival.listing),
  }
  const held = entries.get(task.scope)
  if (held === undefined) return takeFirst(sealed, parts)
  const same =
    sealed.contentHash !== '' &&
    held.ranges.some(
      ({ contentHash, prefix }) => contentHash === sealed.contentHash && prefix === prefixOf(sealed),
    )
  const news = same && !held.missing ? nothingNew : await compare(held, sealed, parts)
  const lacking = news.difference.lacking
  const judged = held.missing
    ? { gone: lacking }
    : suspectedDeletions.judge({ task, held, lacking, extent: nameOf(sealed.extent) })
  if ('again' in judged && rangeIn(held, task.slice) !== undefined)
    return entries.touch(task.scope, postpone(held, judged.again))
  // A slice that is not held at all cannot wait for a confirmation: nothing is deleted, and the rest is taken.
  const gone = 'gone' in judged ? judged.gone : none
  return takeNews(held, { ...sealed, news, gone }, parts)
}

interface Sealed extends Arrival {
  readonly contentHash: string
  readonly extent: Extent
}

interface News {
  readonly difference: Difference
  /** Learned from the tags of the listing alone; undefined where they equal those that are held. */
  readonly learned: LearnedTags | undefined
}

const none = new Float64Array(0)
const nothingNew: News = { difference: { added: [], lacking: none }, learned: undefined }

// A listing is compared by its legal tags: signatures and the like are not kept.
async function compare(held: CatalogEntry, { listing, extent }: Sealed, parts: ListingParts): Promise<News> {
  const learned = await parts.learnTags(listing.tags, held.repository)
  const lists = { held: held.learned.list, listed: learned.list, extent }
  const { added, lacking } = await differenceOf(lists, parts.nextTurn)
  const known = added.filter(place => !held.absent.has(tagAt(lists.listed, place)))
  return { difference: { added: known, lacking }, learned }
}

async function takeFirst(sealed: Sealed, { entries, learnTags }: ListingParts): Promise<CatalogEntry> {
  const { listing, task, begun, contentHash } = sealed
  const { repository } = task.scope
  const learned = await learnTags(listing.tags, repository)
  const published = publishedIn(listing)
  const isWhole = listing.slice === undefined
  const listed = {
    repository,
    ranges: [entries.range({ prefix: prefixOf(sealed), fetchedAt: begun, contentHash })],
    count: listing.tags.length,
    validator: isWhole ? listing.validator : undefined,
    walkedAt: isWhole ? begun : 0,
    history: historyAfter(
      createTagHistory(begun),
      { at: begun, added: [], gone: none, published },
      undefined,
    ),
    missing: false,
    absent: noDanglingTags,
  }
  return entries.keep(task.scope, listed, learned)
}

// Shared by all entries: nearly every repository has all tags that it lists.
const noDanglingTags: ReadonlyMap<string, number> = new Map()

interface Taken extends Sealed {
  readonly news: News
  readonly gone: Float64Array
}

async function takeNews(
  held: CatalogEntry,
  taken: Taken,
  { entries, learnTags }: ListingParts,
): Promise<CatalogEntry> {
  const { listing, task, begun, extent, news, gone } = taken
  const { added } = news.difference
  const since = sinceThen(held, taken, entries)
  if (news.learned === undefined || (added.length + gone.length === 0 && !held.missing))
    return entries.touch(task.scope, { ...held, ...since, denied: false })
  const listed = news.learned.list
  const tags = without(united(held.learned.list, listed, { added, gone, extent }), since.absent)
  const hashes = hashesOf(listed)
  const newlySeen = added.filter(place => isInRanges(held.ranges, tagAt(listed, place)))
  const change = {
    at: begun,
    added: newlySeen.map(place => hashes[place] ?? 0),
    gone,
    published: publishedIn(listing),
  }
  const history = historyAfter(held.history, change, hashesOf(tags).toSorted())
  const { repository } = held
  const learned = tags === listed ? news.learned : await learnTags(tags, repository)
  return entries.keep(task.scope, { repository, ...since, history, missing: false }, learned)
}

// What every answer renews, also one that has the same tags.
function sinceThen(
  held: CatalogEntry,
  taken: Taken,
  entries: Entries,
): Pick<CatalogEntry, 'ranges' | 'validator' | 'walkedAt' | 'count' | 'absent'> {
  const { listing, begun, extent, news, gone } = taken
  // Where more is held than was listed, an equal listing must be compared again.
  const contentHash = gone.length === news.difference.lacking.length ? taken.contentHash : ''
  const ranges = withRange(
    held.ranges,
    entries.range({ prefix: prefixOf(taken), fetchedAt: begun, contentHash }),
  )
  const { count, validator, walkedAt } = held
  if (extent === 'all') {
    const absent = news.learned === undefined ? held.absent : stillDangling(held.absent, news.learned)
    return { ranges, validator: listing.validator, walkedAt: begun, count: listing.tags.length, absent }
  }
  const { absent } = held
  const more = news.difference.added.length - gone.length
  const newest = extent === 'none' ? (listing.validator ?? validator) : validator
  return { ranges, validator: newest, walkedAt, count: count + more, absent }
}

// Longer than the confirming look-up takes to begin.
const grace = 60_000

/** The entry with its refresh put off until after the confirming look-up. */
export function postpone(entry: CatalogEntry, again: number): CatalogEntry {
  const refreshAt = again + grace
  return {
    ...entry,
    ranges: entry.ranges.map(range => ({ ...range, refreshAt: Math.max(range.refreshAt, refreshAt) })),
  }
}

function extentOf({ slice, additions }: TagListing): Extent {
  if (additions !== undefined) return 'none'
  return slice === undefined ? 'all' : { prefix: slice }
}

function nameOf(extent: Extent): string {
  return typeof extent === 'string' ? extent : `from ${extent.prefix}`
}

function prefixOf({ listing, extent }: Sealed): string {
  return extent === 'none' ? '' : (listing.slice ?? '')
}

// A listing that is equal in every byte and boundary needs no comparison tag by tag. Additions alone are no range.
function contentHashOf({ tags, additions }: TagListing): string {
  if (additions !== undefined) return ''
  return createHash('sha256').update(tags.starts).update(tags.bytes).digest('base64')
}

function publishedIn({ tags, published }: TagListing): ReadonlyMap<number, number> {
  const instants = new Map<number, number>()
  if (published === undefined) return instants
  for (const [place, hash] of hashesOf(tags).entries()) {
    const at = published[place] ?? 0
    if (at > 0) instants.set(hash, at)
  }
  return instants
}
