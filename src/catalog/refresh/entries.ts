import { setImmediate } from 'node:timers/promises'
import { TagSourceError, type KnownTags } from '../../evaluation/index.ts'
import { learnTagsInSlices, type LearnedTags, type TagList, type TagReading } from '../../version/index.ts'
import { withRange, entryOf, type TagRange, type CatalogEntry, type Listed } from '../entry/entry.ts'
import type { Stored } from '../disk/format.ts'
import type { EntryCache } from '../entry/entry-cache.ts'
import type { CatalogLimits, CatalogOptions } from './options.ts'
import type { StoredDigests } from '../entry/digest-records.ts'
import { isShared, repositoryKey, type CacheScope } from '../entry/credential-scope.ts'
import type { Repository } from '../../image/index.ts'

/** The entries of a catalog, kept in memory and written to the store. */
export interface Entries {
  get(scope: CacheScope): CatalogEntry | undefined
  /**
   * Keeps a listed repository with its tags.
   * @throws TagSourceError where the entry alone is over the budget of the memory.
   */
  keep(scope: CacheScope, listed: Listed, learned: LearnedTags): CatalogEntry
  /** Keeps an entry of which only times and marks changed. */
  touch(scope: CacheScope, entry: CatalogEntry): CatalogEntry
  /** Writes the entry to the store because its digests changed. */
  save(scope: CacheScope): void
  /** A range with the instant at which it is to be refreshed. */
  range(listing: Pick<TagRange, 'prefix' | 'contentHash' | 'fetchedAt'>): TagRange
  knownOf(entry: CatalogEntry, range: TagRange): KnownTags
}

export interface EntriesOptions
  extends
    Pick<CatalogOptions, 'now' | 'random' | 'store'>,
    Pick<CatalogLimits, 'refreshAfter' | 'staleAfter'> {
  readonly memory: EntryCache
  readonly digestsOf: (scope: CacheScope) => StoredDigests
}

// Of an unchanged entry a crash loses only the age: it then looks older by this much, never younger.
const saveAgainAfter = 60 * 60_000

/** Creates the entries over a memory and a store. */
export function createEntries(options: EntriesOptions): Entries {
  const { memory, now, random } = options

  function keepEntry(scope: CacheScope, entry: CatalogEntry, isChanged: boolean): CatalogEntry {
    const isDue = isShared(scope) && (isChanged || now() - entry.savedAt >= saveAgainAfter)
    const kept = isDue ? { ...entry, savedAt: now() } : entry
    if (!memory.set(scope, kept)) throw tooLarge(kept)
    if (isDue) options.store?.save(scope.key, storedOf(kept, options.digestsOf(scope)))
    return kept
  }

  return {
    get: scope => memory.get(scope),
    keep: (scope, listed, learned) => keepEntry(scope, entryOf(listed, learned, 0), true),
    touch: (scope, entry) => keepEntry(scope, entry, false),
    save(scope) {
      const entry = memory.get(scope)
      if (entry !== undefined) keepEntry(scope, entry, true)
    },
    // Spread out, or everything that was looked up at the start would be refreshed at the same time for ever.
    range: listing => ({
      ...listing,
      refreshAt: listing.fetchedAt + options.refreshAfter * (0.9 + 0.2 * random()),
    }),
    knownOf({ learned, history, historyQueries }, { fetchedAt }) {
      const age = Math.max(0, now() - fetchedAt) // a clock that is set back makes nothing younger than new
      const stale = age > options.staleAfter
      return { learned, age, stale, knownSince: history.baseline, ...historyQueries }
    },
  }
}

/** The entry after the source answered that nothing has changed. */
export function renewed(entry: CatalogEntry, entries: Entries, fetchedAt: number): CatalogEntry {
  const contentHash = entry.ranges.find(({ prefix }) => prefix === '')?.contentHash ?? ''
  const range = entries.range({ prefix: '', fetchedAt, contentHash })
  return { ...entry, denied: false, ranges: withRange(entry.ranges, range) }
}

function storedOf({ learned, ...listed }: CatalogEntry, digests: StoredDigests): Stored {
  const { repository, ranges, count, validator, walkedAt, history, missing, absent } = listed
  const known = { repository, ranges, count, validator, walkedAt, history, missing, absent }
  return { ...known, tags: learned.list, digests }
}

function tooLarge({ repository, learned }: CatalogEntry): TagSourceError {
  const why = `its ${learned.list.length} tags are more than the catalog may hold; give it room for more`
  return new TagSourceError('invalid-answer', `${repositoryKey(repository)}: ${why}`)
}

/** Waits for the next turn of the event loop. */
export type NextTurn = () => Promise<void>

/** Creates a wait for the next turn of the event loop that rejects once the signal is aborted. */
export function nextTurnUntil(signal: AbortSignal): NextTurn {
  return () => setImmediate(undefined, { signal })
}

/** Learns how the tags of a repository are written, in slices so that admissions get their turns in between. */
export type LearnTags = (tags: TagList, repository: Repository) => Promise<LearnedTags>

/** Creates a learner that reads the tags of each repository by its schemes. */
export function learningAs(
  reading: ((repository: Repository) => TagReading) | undefined,
  nextTurn: NextTurn,
): LearnTags {
  return async (tags, repository) => {
    const slices = learnTagsInSlices(tags, reading?.(repository))
    for (;;) {
      const step = slices.next()
      if (step.done) return step.value
      await nextTurn()
    }
  }
}
