import { LRUCache } from 'lru-cache'

import { bytesOf, type Entry } from './entry.ts'
import { isShared, type View } from './views.ts'

/** The entries of views, within a budget of tags; what nobody asked for longest goes first. */
export interface Memory {
  get(view: View): Entry | undefined
  /** False if the entry alone is over the budget; then nothing changes. */
  set(view: View, entry: Entry): boolean
  /** Whether so many tags that everybody shares push out no others. */
  hasRoom(tags: number): boolean
  size(now: number): MemorySize
}

/** What memory holds. */
export interface MemorySize {
  readonly repositories: number
  readonly tags: number
  readonly bytes: number
  /** The age of the oldest, in milliseconds; 0 where nothing is held. */
  readonly oldestAge: number
}

// What an index takes beside its tags, in tags: so that many small repositories count too.
const tagsOfAnIndex = 100

// What namespaces see with their own secrets is held apart, so that it pushes out nothing that everybody shares.
const privateShare = 0.25

/** An empty memory for so many tags. */
export function createMemory(tags: number): Memory {
  const shared = createEntries(tags)
  const own = createEntries(Math.max(Math.floor(tags * privateShare), 2 * tagsOfAnIndex))
  const entriesOf = (view: View): Entries => (isShared(view) ? shared : own)
  return {
    get: view => entriesOf(view).get(view.key),
    set(view, entry) {
      const entries = entriesOf(view)
      if (tagsOfAnIndex + entry.learned.list.length > entries.maxSize) return false
      entries.set(view.key, entry)
      return true
    },
    hasRoom: more => shared.calculatedSize + tagsOfAnIndex + more <= shared.maxSize,
    size: now => sizeOf([shared, own], now),
  }
}

type Entries = LRUCache<string, Entry>

function createEntries(maxSize: number): Entries {
  return new LRUCache({ maxSize, sizeCalculation: ({ learned }) => tagsOfAnIndex + learned.list.length })
}

// Passes over 5,000 entries take less than a millisecond, and are made once for each scrape.
function sizeOf(caches: readonly Entries[], now: number): MemorySize {
  let size = { repositories: 0, tags: 0, bytes: 0, oldestAge: 0 }
  for (const entries of caches) {
    for (const entry of entries.values()) {
      const newest = Math.max(...entry.parts.map(({ fetchedAt }) => fetchedAt))
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
