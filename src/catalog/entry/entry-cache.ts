import { LRUCache } from 'lru-cache'

import { bytesOf, type CatalogEntry } from './entry.ts'
import { isShared, type CacheScope } from './credential-scope.ts'

/** The entries in memory, within a budget of tags; the one used longest ago goes first. */
export interface EntryCache {
  get(scope: CacheScope): CatalogEntry | undefined
  /** False if the entry alone is over the budget; then nothing changes. */
  set(scope: CacheScope, entry: CatalogEntry): boolean
  /** Whether there is room for so many more shared tags without evicting others. */
  hasRoom(tags: number): boolean
  size(now: number): MemorySize
}

/** How much memory holds. */
export interface MemorySize {
  readonly repositories: number
  readonly tags: number
  readonly bytes: number
  /** The age of the oldest, in milliseconds; 0 where nothing is held. */
  readonly oldestAge: number
}

// The fixed cost of an entry, counted in tags: many small repositories count too.
const tagsOfAnIndex = 100

// What namespaces see with their own secrets is held apart, so that it pushes out nothing that is shared.
const privateShare = 0.25

/** Creates an empty memory for so many tags. */
export function createEntryCache(tags: number): EntryCache {
  const shared = createEntries(tags)
  const own = createEntries(Math.max(Math.floor(tags * privateShare), 2 * tagsOfAnIndex))
  const entriesOf = (scope: CacheScope): Entries => (isShared(scope) ? shared : own)
  return {
    get: scope => entriesOf(scope).get(scope.key),
    set(scope, entry) {
      const entries = entriesOf(scope)
      if (tagsOfAnIndex + entry.learned.list.length > entries.maxSize) return false
      entries.set(scope.key, entry)
      return true
    },
    hasRoom: more => shared.calculatedSize + tagsOfAnIndex + more <= shared.maxSize,
    size: now => sizeOf([shared, own], now),
  }
}

type Entries = LRUCache<string, CatalogEntry>

function createEntries(maxSize: number): Entries {
  return new LRUCache({ maxSize, sizeCalculation: ({ learned }) => tagsOfAnIndex + learned.list.length })
}

// A pass over 5,000 entries takes less than a millisecond, and happens once for each scrape.
function sizeOf(caches: readonly Entries[], now: number): MemorySize {
  let size = { repositories: 0, tags: 0, bytes: 0, oldestAge: 0 }
  for (const entries of caches) {
    for (const entry of entries.values()) {
      const newest = Math.max(...entry.ranges.map(({ fetchedAt }) => fetchedAt))
      size = {
        repositories: size.repositories + 1,
        tags: size.tags + entry.learned.list.length,
        bytes: size.bytes + bytesOf(entry),
        oldestAge: Math.max(size.oldestAge, now - newest),
      }
    }
  }
  return size
}
