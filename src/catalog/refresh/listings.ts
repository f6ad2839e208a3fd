import { createHash } from 'node:crypto'

import type { TagListing } from '../../evaluation/index.ts'
import { tagAt, type LearnedTags } from '../../version/index.ts'
import type { Breathe, LearnTags } from './learn-tags.ts'
import { isCovered, withPart } from '../entry/coverage.ts'
import { differenceOf, united, without, type Difference, type Scope } from '../entry/difference.ts'
import type { Doubts } from './doubts.ts'
import type { Entries } from './entries.ts'
import { coveredIn, type Entry } from '../entry/entry.ts'
import { createLedger, ledgerAfter } from '../entry/ledger.ts'
import { hashesOf, hashOfTag, placeOf } from '../entry/tag-hash.ts'
import type { Task } from './task.ts'

/** An answer to a look-up that began at an instant; the task's view is the one that it goes into. */
export interface Arrival {
  readonly listing: TagListing
  readonly task: Task
  readonly begun: number
}

export interface ListingParts {
  readonly entries: Entries
  readonly doubts: Doubts
  readonly learnTags: LearnTags
  readonly breathe: Breathe
}

/** Takes an answer, or leaves what is held in force where it is in doubt. One at a time for each view. */
export async function takeListing(arrival: Arrival, parts: ListingParts): Promise<Entry> {
  const { task } = arrival
  const { entries, doubts } = parts
  const sealed = { ...arrival, seal: sealOf(arrival.listing), scope: scopeOf(arrival.listing) }
  const held = entries.get(task.view)
  if (held === undefined) return takeFirst(sealed, parts)
  const same =
    sealed.seal !== '' &&
    held.parts.some(({ seal, prefix }) => seal === sealed.seal && prefix === prefixOf(sealed))
  const news = same && !held.missing ? nothingNew : await compare(held, sealed, parts)
  const lacking = news.difference.lacking
  const judged = held.missing
    ? { gone: lacking }
    : doubts.judge({ task, held, lacking, scope: nameOf(sealed.scope) })
  if ('again' in judged && coveredIn(held, task.slice) !== undefined)
    return entries.touch(task.view, postpone(held, judged.again))
  // What is asked for and not held at all cannot wait for a second look: nothing goes, and the rest is taken.
  const gone = 'gone' in judged ? judged.gone : none
  return takeNews(held, { ...sealed, news, gone }, parts)
}

interface Sealed extends Arrival {
  readonly seal: string
  readonly scope: Scope
}

interface News {
  readonly difference: Difference
  /** Of the tags of the listing alone; undefined where they are held anyway. */
  readonly learned: LearnedTags | undefined
}

const none = new Float64Array(0)
const nothingNew: News = { difference: { added: [], lacking: none }, learned: undefined }

// A listing is compared by its legal tags: of signatures and the like nothing is kept.
async function compare(held: Entry, { listing, scope }: Sealed, parts: ListingParts): Promise<News> {
  const learned = await parts.learnTags(listing.tags, held.repository)
  const lists = { held: held.learned.list, listed: learned.list, scope }
  const { added, lacking } = await differenceOf(lists, parts.breathe)
  const known = added.filter(place => !held.absent.has(tagAt(lists.listed, place)))
  return { difference: { added: known, lacking }, learned }
}

async function takeFirst(sealed: Sealed, { entries, learnTags }: ListingParts): Promise<Entry> {
  const { listing, task, begun, seal } = sealed
  const { repository } = task.view
  const learned = await learnTags(listing.tags, repository)
  const published = publishedIn(listing)
  const isWhole = listing.slice === undefined
  const listed = {
    repository,
    parts: [entries.part({ prefix: prefixOf(sealed), fetchedAt: begun, seal })],
    count: listing.tags.length,
    validator: isWhole ? listing.validator : undefined,
    walkedAt: isWhole ? begun : 0,
    ledger: ledgerAfter(createLedger(begun), { at: begun, added: [], gone: none, published }, undefined),
    missing: false,
    absent: nothingAbsent,
  }
  return entries.keep(task.view, listed, learned)
}

// One for all: nearly every repository has all that it lists.
const nothingAbsent: ReadonlyMap<string, number> = new Map()

interface Taken extends Sealed {
  readonly news: News
  readonly gone: Float64Array
}

async function takeNews(held: Entry, taken: Taken, { entries, learnTags }: ListingParts): Promise<Entry> {
  const { listing, task, begun, scope, news, gone } = taken
  const { added } = news.difference
  const since = sinceThen(held, taken, entries)
  if (news.learned === undefined || (added.length + gone.length === 0 && !held.missing))
    return entries.touch(task.view, { ...held, ...since, denied: false })
  const listed = news.learned.list
  const tags = without(united(held.learned.list, listed, { added, gone, scope }), since.absent)
  const hashes = hashesOf(listed)
  const newlySeen = added.filter(place => isCovered(held.parts, tagAt(listed, place)))
  const change = {
    at: begun,
    added: newlySeen.map(place => hashes[place] ?? 0),
    gone,
    published: publishedIn(listing),
  }
  const ledger = ledgerAfter(held.ledger, change, hashesOf(tags).toSorted())
  const { repository } = held
  const learned = tags === listed ? news.learned : await learnTags(tags, repository)
  return entries.keep(task.view, { repository, ...since, ledger, missing: false }, learned)
}

// What any answer renews, also one that has the same tags.
function sinceThen(
  held: Entry,
  taken: Taken,
  entries: Entries,
): Pick<Entry, 'parts' | 'validator' | 'walkedAt' | 'count' | 'absent'> {
  const { listing, begun, scope, news, gone } = taken
  // Where more is held than was listed, the same listing is to be compared again.
  const seal = gone.length === news.difference.lacking.length ? taken.seal : ''
  const parts = withPart(held.parts, entries.part({ prefix: prefixOf(taken), fetchedAt: begun, seal }))
  const { count, validator, walkedAt } = held
  if (scope === 'all') {
    const absent = news.learned === undefined ? held.absent : absentStill(held.absent, news.learned)
    return { parts, validator: listing.validator, walkedAt: begun, count: listing.tags.length, absent }
  }
  const { absent } = held
  const more = news.difference.added.length - gone.length
  const newest = scope === 'none' ? (listing.validator ?? validator) : validator
  return { parts, validator: newest, walkedAt, count: count + more, absent }
}

// Longer than a second look takes to come by itself.
const grace = 60_000

/** The entry, not to be refreshed before it is looked at again. */
export function postpone(entry: Entry, again: number): Entry {
  const refreshAt = again + grace
  return {
    ...entry,
    parts: entry.parts.map(part => ({ ...part, refreshAt: Math.max(part.refreshAt, refreshAt) })),
  }
}

function scopeOf({ slice, additions }: TagListing): Scope {
  if (additions !== undefined) return 'none'
  return slice === undefined ? 'all' : { prefix: slice }
}

function nameOf(scope: Scope): string {
  return typeof scope === 'string' ? scope : `from ${scope.prefix}`
}

function prefixOf({ listing, scope }: Sealed): string {
  return scope === 'none' ? '' : (listing.slice ?? '')
}

// Whatever is equal in every byte and boundary needs no comparison tag by tag. Additions alone are no part of a repository.
function sealOf({ tags, additions }: TagListing): string {
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

// A tag that was absent and is not even listed any more is one that went, like any other.
function absentStill(absent: Entry['absent'], learned: LearnedTags): Entry['absent'] {
  if (absent.size === 0) return absent
  const listed = hashesOf(learned.list).toSorted()
  return new Map([...absent].filter(([tag]) => placeOf(listed, hashOfTag(tag)) >= 0))
}
