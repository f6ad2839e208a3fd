import { LRUCache } from 'lru-cache'

import { TagSourceError, type WantedTags } from '../../evaluation/index.ts'
import type { Covered } from '../entry/coverage.ts'
import type { Entries } from './entries.ts'
import { coveredIn } from '../entry/entry.ts'
import type { Failures } from './failures.ts'
import type { LookUps } from './look-ups.ts'
import { repositoryKey, type View } from '../entry/views.ts'

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

/** What decides whether tags are fresh, and asks for them again. */
interface FreshParts {
  readonly entries: Entries
  readonly failures: Failures
  readonly attempts: Attempts
  readonly lookUps: LookUps<unknown>
  readonly signal: AbortSignal
  readonly now: () => number
  readonly refreshAfter: number
}

/** Whether a part is too old for who wants fresh tags; when it is refreshed for everybody is spread out more. */
export function isDue(
  { fetchedAt }: Covered,
  { fresh }: WantedTags,
  { now, refreshAfter }: FreshParts,
): boolean {
  return fresh !== undefined && fetchedAt < fresh && now() - fetchedAt >= refreshAfter
}

/** Why a part that is due is told as it is; undefined where it is to be asked for again first. */
export function whyDue(
  view: View,
  { slice, fresh = 0, late }: WantedTags,
  { failures, attempts, signal }: FreshParts,
): TagSourceError | undefined {
  const failure = failures.get(view.key) ?? attempts.since(attemptKey(view, slice), fresh)
  return failure ?? (late === true || signal.aborted ? notInTime(view) : undefined)
}

/** Asks again for what is due, behind what anybody else asks for: no review is held up by it. */
export async function askAgain(view: View, wanted: WantedTags, parts: FreshParts): Promise<void> {
  const { slice } = wanted
  const before = partOf(view, wanted, parts)
  const task = { view, slice, urgency: 'refresh', namespace: undefined, thorough: false } as const
  const { asked, outcome } = parts.lookUps.begin(task)
  const key = attemptKey(view, asked.slice)
  try {
    await outcome
    const isSame = partOf(view, wanted, parts)?.fetchedAt === before?.fetchedAt
    if (isSame) parts.attempts.note(key, inDoubt(view))
  } catch (error) {
    if (!(error instanceof TagSourceError)) throw error
    parts.attempts.note(key, error)
  }
}

/** What is held of the tags that are wanted, if they are held complete. */
export function partOf(view: View, { slice }: WantedTags, { entries }: FreshParts): Covered | undefined {
  const entry = entries.get(view)
  return entry && coveredIn(entry, slice)
}

function attemptKey({ key }: View, slice = ''): string {
  return `${key} :${slice}`
}

function notInTime({ repository }: View): TagSourceError {
  const why = 'asked for again, and no answer came in time'
  return new TagSourceError('unavailable', `${repositoryKey(repository)}: ${why}`)
}

function inDoubt({ repository }: View): TagSourceError {
  const why = 'its registry now lists fewer tags, which is believed once it has said so again'
  return new TagSourceError('invalid-answer', `${repositoryKey(repository)}: ${why}`)
}
