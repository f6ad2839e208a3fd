import { createBoundedMap } from '../../async/index.ts'
import { TagSourceError, type WantedTags } from '../../evaluation/index.ts'
import { rangeIn, type TagRange } from '../entry/entry.ts'
import type { Entries } from './entries.ts'
import type { Failures } from './failures.ts'
import type { LookUps } from './look-ups.ts'
import { repositoryKey, type CacheScope } from '../entry/credential-scope.ts'

/**
 * The failed attempts to get fresh tags, so that a caller sends one request for a repository, not one for each of its images.
 */
export interface Attempts {
  /** The error of the last attempt since an instant (epoch milliseconds), if there was one. */
  since(key: string, instant: number): TagSourceError | undefined
  note(key: string, failure: TagSourceError): void
}

// As many repositories as a large cluster runs; a forgotten attempt costs one more request.
const most = 20_000

/** Creates an empty record of attempts. */
export function createRefreshAttempts(now: () => number): Attempts {
  const attempts = createBoundedMap<{ readonly at: number; readonly failure: TagSourceError }>(most)
  return {
    since(key, instant) {
      const attempt = attempts.get(key)
      return attempt !== undefined && attempt.at >= instant ? attempt.failure : undefined
    },
    note: (key, failure) => void attempts.set(key, { at: now(), failure }),
  }
}

/** The parts of a catalog that fresh tags need. */
interface FreshParts {
  readonly entries: Entries
  readonly failures: Failures
  readonly attempts: Attempts
  readonly lookUps: LookUps<unknown>
  readonly signal: AbortSignal
  readonly now: () => number
  readonly refreshAfter: number
}

/** Whether a range is too old for a caller who wants fresh tags. The refresh in the background is spread out more. */
export function isDue(
  { fetchedAt }: TagRange,
  { fresh }: WantedTags,
  { now, refreshAfter }: FreshParts,
): boolean {
  return fresh !== undefined && fetchedAt < fresh && now() - fetchedAt >= refreshAfter
}

/** The error for which a due range is used as it is; undefined if it must be looked up first. */
export function whyDue(
  scope: CacheScope,
  { slice, fresh = 0, late }: WantedTags,
  { failures, attempts, signal }: FreshParts,
): TagSourceError | undefined {
  const failure = failures.get(scope.key) ?? attempts.since(attemptKey(scope, slice), fresh)
  return failure ?? (late === true || signal.aborted ? notInTime(scope) : undefined)
}

/** Looks up a range that is due, with the lowest urgency: no review waits behind it. */
export async function askAgain(scope: CacheScope, wanted: WantedTags, parts: FreshParts): Promise<void> {
  const { slice } = wanted
  const before = rangeOf(scope, wanted, parts)
  const task = { scope, slice, urgency: 'refresh', namespace: undefined, thorough: false } as const
  const { asked, outcome } = parts.lookUps.begin(task)
  const key = attemptKey(scope, asked.slice)
  try {
    await outcome
    const isSame = rangeOf(scope, wanted, parts)?.fetchedAt === before?.fetchedAt
    if (isSame) parts.attempts.note(key, inDoubt(scope))
  } catch (error) {
    if (!(error instanceof TagSourceError)) throw error
    parts.attempts.note(key, error)
  }
}

/** The range that holds the wanted tags completely, if there is one. */
export function rangeOf(
  scope: CacheScope,
  { slice }: WantedTags,
  { entries }: FreshParts,
): TagRange | undefined {
  const entry = entries.get(scope)
  return entry && rangeIn(entry, slice)
}

function attemptKey({ key }: CacheScope, slice = ''): string {
  return `${key} :${slice}`
}

function notInTime({ repository }: CacheScope): TagSourceError {
  const why = 'asked for again, and no answer came in time'
  return new TagSourceError('unavailable', `${repositoryKey(repository)}: ${why}`)
}

function inDoubt({ repository }: CacheScope): TagSourceError {
  const why = 'its registry now lists fewer tags, which is believed once it has said so again'
  return new TagSourceError('invalid-answer', `${repositoryKey(repository)}: ${why}`)
}
