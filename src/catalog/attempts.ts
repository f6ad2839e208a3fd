import { LRUCache } from 'lru-cache'

import type { TagSourceError } from '../evaluation/index.ts'

/**
 * What asking again for tags that were due came to, where they still are due: who wants fresh ones has them asked for once in a
 * while, and not for each image of the repository.
 */
export interface Attempts {
  /** Why the tags are as old as they are, if they were asked for again since an instant (epoch milliseconds). */
  since(key: string, instant: number): TagSourceError | undefined
  note(key: string, failure: TagSourceError): void
}

// So many repositories a large cluster runs; what is forgotten is asked for once more.
const most = 20_000

/** No attempts yet. */
export function createAttempts(now: () => number): Attempts {
  const attempts = new LRUCache<string, { readonly at: number; readonly failure: TagSourceError }>({
    max: most,
  })
  return {
    since(key, instant) {
      const attempt = attempts.get(key)
      return attempt !== undefined && attempt.at >= instant ? attempt.failure : undefined
    },
    note: (key, failure) => void attempts.set(key, { at: now(), failure }),
  }
}
