import { createExpiringMap } from '../../async/index.ts'
import { TagSourceError, type TagSourceCode } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { LookUpEvent } from './options.ts'

/** Recent failures by key, so that an outage does not cost a request for every admission. */
export interface Failures {
  /** The error of a key that is not to be asked for yet. */
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

/** Remembers the failures of at most `most` keys, apart from the tags: made-up names push out no tags. */
export function createFailures(most: number, now: () => number): Failures {
  const failures = createExpiringMap<TagSourceError>({ max: most, now })
  return {
    get: key => failures.get(key),
    add: (key, error) => failures.set(key, error, error.retryAt ?? now() + believedFor[error.code]),
    delete: key => failures.delete(key),
  }
}

/**
 * The error of a look-up as the port names it. A look-up in the background has no caller to throw to, so a mistake of this
 * program is a failed look-up too, with its cause.
 */
export function portError(
  error: unknown,
  { registry, repository }: Repository,
  signal: AbortSignal,
): TagSourceError {
  if (error instanceof TagSourceError) return error
  const why = signal.aborted ? 'the catalog was closed' : 'the look-up failed unexpectedly'
  return new TagSourceError('unavailable', `${registry}/${repository}: ${why}`, { cause: error })
}

/**
 * Creates a filter for the log: whether the end of a look-up is worth a line. Of a registry that is left alone until an instant
 * only the first failure is, however many repositories wait for it.
 */
export function createLogDeduplication(): (event: Pick<LookUpEvent, 'registry' | 'error'>) => boolean {
  const logged = new Map<string, number>()
  return ({ registry, error }) => {
    if (error === undefined) return false
    const { retryAt } = error
    if (retryAt === undefined) return true
    // Requests that are refused together may get instants that differ by the time that the request took.
    const isFirst = Math.abs(retryAt - (logged.get(registry) ?? 0)) >= sameInstant
    if (isFirst) logged.set(registry, retryAt)
    return isFirst
  }
}

const sameInstant = 1_000 // milliseconds
