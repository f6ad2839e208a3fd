import { LRUCache } from 'lru-cache'

import type { TagSourceCode, TagSourceError } from '../../evaluation/index.ts'

/** What failed lately, so that an outage is not asked about once for every admission. */
export interface Failures {
  /** The error of a repository that is not to be asked for yet. */
  get(key: string): TagSourceError | undefined
  add(key: string, error: TagSourceError): void
  delete(key: string): void
}

const second = 1_000
const minute = 60 * second

// How long an answer is believed. An outage passes soon; what a person must put right takes as long as that takes.
const believedFor: Readonly<Record<TagSourceCode, number>> = {
  unavailable: 30 * second,
  'rate-limited': minute, // where the registry did not say how long
  'not-found': 5 * minute,
  unauthorized: 5 * minute,
  'invalid-answer': 5 * minute,
  'not-allowed': 5 * minute,
  'not-checked-yet': 0,
  'unreadable-credentials': minute, // a person gives the right, and that works at once
}

/** An empty memory of at most `most` failures; it is apart from the tags, so that inventing names pushes out no tags. */
export function createFailures(most: number, now: () => number): Failures {
  const failures = new LRUCache<string, { readonly error: TagSourceError; readonly until: number }>({
    max: most,
  })
  return {
    get(key) {
      const failure = failures.get(key)
      return failure !== undefined && failure.until > now() ? failure.error : undefined
    },
    add(key, error) {
      failures.set(key, { error, until: error.retryAt ?? now() + believedFor[error.code] })
    },
    delete(key) {
      failures.delete(key)
    },
  }
}
