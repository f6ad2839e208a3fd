import { TagSourceError, type KnownTags } from '../../evaluation/index.ts'
import { type LearnedTags } from '../../version/index.ts'
import { withPart, type Covered } from '../entry/coverage.ts'
import { entryOf, type Entry, type Listed } from '../entry/entry.ts'
import type { Stored } from '../disk/format.ts'
import type { Memory } from '../entry/memory.ts'
import type { CatalogLimits, CatalogOptions } from './options.ts'
import type { StoredDigests } from '../disk/stored-header.ts'
import { isShared, repositoryKey, type View } from '../entry/views.ts'

/** The entries of a catalog: made here, kept in memory, and given to the disk. */
export interface Entries {
  get(view: View): Entry | undefined
  /**
   * Keeps what is listed, with its index.
   * @throws TagSourceError where it alone is over the budget.
   */
  keep(view: View, listed: Listed, learned: LearnedTags): Entry
  /** Keeps an entry of which nothing but its times and marks changed. */
  touch(view: View, entry: Entry): Entry
  /** Gives the entry to the disk, as its digests changed. */
  save(view: View): void
  /** A part that was fetched at an instant, to be refreshed when it is due. */
  part(listing: Pick<Covered, 'prefix' | 'seal' | 'fetchedAt'>): Covered
  knownOf(entry: Entry, part: Covered): KnownTags
}

export interface EntriesOptions
  extends
    Pick<CatalogOptions, 'now' | 'random' | 'store'>,
    Pick<CatalogLimits, 'refreshAfter' | 'staleAfter'> {
  readonly memory: Memory
  readonly digestsOf: (view: View) => StoredDigests
}

// Of what did not change only the age is lost with the process: it then looks older than it is by as much, never younger.
const saveAgainAfter = 60 * 60_000

/** The entries over a memory and a store. */
export function createEntries(options: EntriesOptions): Entries {
  const { memory, now, random } = options

  function keepEntry(view: View, entry: Entry, isChanged: boolean): Entry {
    const isDue = isShared(view) && (isChanged || now() - entry.savedAt >= saveAgainAfter)
    const kept = isDue ? { ...entry, savedAt: now() } : entry
    if (!memory.set(view, kept)) throw tooLarge(kept)
    if (isDue) options.store?.save(view.key, storedOf(kept, options.digestsOf(view)))
    return kept
  }

  return {
    get: view => memory.get(view),
    keep: (view, listed, learned) => keepEntry(view, entryOf(listed, learned, 0), true),
    touch: (view, entry) => keepEntry(view, entry, false),
    save(view) {
      const entry = memory.get(view)
      if (entry !== undefined) keepEntry(view, entry, true)
    },
    // Spread out, or all that was looked up at the start would be looked up at once for ever.
    part: listing => ({
      ...listing,
      refreshAt: listing.fetchedAt + options.refreshAfter * (0.9 + 0.2 * random()),
    }),
    knownOf({ learned, history }, { fetchedAt }) {
      const age = Math.max(0, now() - fetchedAt) // a clock that is set back makes nothing younger than new
      return { learned, age, stale: age > options.staleAfter, ...history }
    },
  }
}

/** The same entry, of which the source has said at an instant that nothing has changed. */
export function renewed(entry: Entry, entries: Entries, fetchedAt: number): Entry {
  const seal = entry.parts.find(({ prefix }) => prefix === '')?.seal ?? ''
  const part = entries.part({ prefix: '', fetchedAt, seal })
  return { ...entry, denied: false, parts: withPart(entry.parts, part) }
}

function storedOf({ learned, ...listed }: Entry, digests: StoredDigests): Stored {
  const { repository, parts, count, validator, walkedAt, ledger, missing, absent } = listed
  const known = { repository, parts, count, validator, walkedAt, ledger, missing, absent }
  return { ...known, tags: learned.list, digests }
}

function tooLarge({ repository, learned }: Entry): TagSourceError {
  const why = `its ${learned.list.length} tags are more than the catalog may hold; give it room for more`
  return new TagSourceError('invalid-answer', `${repositoryKey(repository)}: ${why}`)
}
