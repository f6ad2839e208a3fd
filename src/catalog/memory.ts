import { LRUCache } from 'lru-cache'

import type { KnownTags } from '../evaluation/index.ts'
import type { TagIndex } from '../version/index.ts'

/** The indexes of repositories by key, within a budget of tags; what nobody asked for longest goes first. */
export interface Memory {
  get(key: string): Held | undefined
  /** Keeps an index that was asked for at an instant; undefined if it alone is over the budget. */
  set(key: string, index: TagIndex, fetchedAt: number): KnownTags | undefined
  size(): { readonly repositories: number; readonly tags: number }
}

/** What memory has, and whether it is time to ask again. */
export interface Held {
  readonly known: KnownTags
  readonly isDue: boolean
}

interface MemoryOptions {
  readonly tags: number
  readonly refreshAfter: number
  readonly staleAfter: number
  readonly now: () => number
  readonly random: () => number
}

interface Entry {
  readonly index: TagIndex
  readonly fetchedAt: number
  readonly refreshAt: number
}

// What an index takes beside its tags, in tags: so that many small repositories count too.
const tagsOfAnIndex = 100

/** An empty memory. */
export function createMemory({ tags, refreshAfter, staleAfter, now, random }: MemoryOptions): Memory {
  const entries = new LRUCache<string, Entry>({
    maxSize: tags,
    sizeCalculation: ({ index }) => tagsOfAnIndex + index.size,
  })

  function knownTags({ index, fetchedAt }: Entry): KnownTags {
    const age = Math.max(0, now() - fetchedAt) // a clock that is set back makes nothing younger than new
    return { index, age, stale: age > staleAfter }
  }

  return {
    get(key) {
      const entry = entries.get(key)
      return entry === undefined ? undefined : { known: knownTags(entry), isDue: now() >= entry.refreshAt }
    },
    set(key, index, fetchedAt) {
      if (tagsOfAnIndex + index.size > tags) return undefined
      // Spread out, or all that was looked up at the start would be looked up at once for ever.
      const entry = { index, fetchedAt, refreshAt: fetchedAt + refreshAfter * (0.9 + 0.2 * random()) }
      entries.set(key, entry)
      return knownTags(entry)
    },
    size: () => ({
      repositories: entries.size,
      tags: entries.calculatedSize - tagsOfAnIndex * entries.size,
    }),
  }
}
