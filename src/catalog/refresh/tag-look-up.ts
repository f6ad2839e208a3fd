import { TagSourceError, type KnownTags, type TagSource, type TagQuery } from '../../evaluation/index.ts'
import { rangeIn, mostRanges, type CatalogEntry } from '../entry/entry.ts'
import { renewed } from './entries.ts'
import { portError, type Failures } from './failures.ts'
import { postpone, takeListing, type ListingParts } from './listings.ts'
import { hashesOf } from '../entry/tag-hash.ts'
import type { KeyedMutex } from '../../async/index.ts'
import { isShared, repositoryKey } from '../entry/credential-scope.ts'
import type { Task } from './look-ups.ts'

export interface TagLookUpParts extends ListingParts {
  readonly source: TagSource
  readonly failures: Failures
  readonly mutex: KeyedMutex
  readonly now: () => number
  readonly signal: AbortSignal
  /** Called with the entry after each answer. */
  onAnswer(task: Task, entry: CatalogEntry): void
}

/**
 * Looks up the tags of a repository and keeps the answer.
 * @throws TagSourceError, which is remembered.
 */
export async function lookUpTags(task: Task, parts: TagLookUpParts): Promise<KnownTags> {
  const { scope } = task
  try {
    parts.signal.throwIfAborted()
    const { entry, seenBy } = await ask(task, parts)
    parts.failures.delete(scope.key)
    parts.onAnswer({ ...task, scope: seenBy }, entry)
    const range = rangeIn(entry, task.slice)
    if (range === undefined) throw notCovered(task)
    return parts.entries.knownOf(entry, range)
  } catch (error) {
    const told = portError(error, scope.repository, parts.signal)
    if (!parts.signal.aborted) await parts.mutex.runExclusive(scope.key, () => fail(task, told, parts))
    throw told
  }
}

async function ask(
  task: Task,
  parts: TagLookUpParts,
): Promise<{ readonly entry: CatalogEntry; readonly seenBy: Task['scope'] }> {
  const { source, entries, mutex, now, signal } = parts
  const begun = now() // a tag that is pushed during the look-up may be missed: the age counts from its start
  const { scope } = task
  const held = entries.get(scope)
  const listing = await source.listTags(queryOf(task, held, begun), signal)
  if (listing.kind === 'unchanged') {
    if (held === undefined) throw new Error('nothing was held')
    const entry = entries.get(scope) ?? held
    return { entry: entries.touch(scope, renewed(entry, entries, begun)), seenBy: scope }
  }
  // An answer that needed no credentials is kept in the shared scope.
  const { repository } = scope
  const seenBy = listing.shared ? { key: repositoryKey(repository), repository, credentials: [] } : scope
  const arrival = { listing, task: { ...task, scope: seenBy }, begun }
  const entry = await mutex.runExclusive(seenBy.key, () => takeListing(arrival, parts))
  // With the additions the count must be right; if it is not, tags were deleted, and only the whole list shows which.
  const isShort = listing.additions !== undefined && listing.additions.total !== entry.count
  return isShort && !task.thorough ? ask({ ...task, thorough: true }, parts) : { entry, seenBy }
}

// What is held stays, but a repository that is not found twice is missing.
async function fail(
  task: Task,
  error: TagSourceError,
  { failures, entries, suspectedDeletions }: TagLookUpParts,
): Promise<void> {
  const { scope } = task
  failures.add(scope.key, error)
  const entry = entries.get(scope)
  if (entry === undefined || entry.missing) return
  const denied = isShared(scope) && (error.code === 'unauthorized' || error.code === 'not-found')
  if (denied) entries.touch(scope, { ...entry, denied })
  if (error.code !== 'not-found') return
  const lacking = hashesOf(entry.learned.list).toSorted()
  const judged = suspectedDeletions.judge({ task, extent: 'all', held: entry, lacking })
  if ('again' in judged) entries.touch(scope, { ...postpone(entry, judged.again), denied })
  else entries.keep(scope, { ...entry, missing: true }, entry.learned)
}

function notCovered({ scope, slice }: Task): TagSourceError {
  const which = slice === undefined ? 'all of its tags' : `its tags that begin with ${JSON.stringify(slice)}`
  return new TagSourceError('invalid-answer', `${repositoryKey(scope.repository)}: the answer lacks ${which}`)
}

const day = 24 * 60 * 60_000

// The query to the source, given what is held.
function queryOf(
  { scope, slice, urgency, namespace, thorough }: Task,
  held: CatalogEntry | undefined,
  now: number,
): TagQuery {
  const asked = sliceOf(slice, held, now)
  const isWhole = held?.ranges.some(({ prefix }) => prefix === '') === true && !held.missing
  // A source that is told what is held need not tell deletions, so once a day the whole list is asked for.
  const known = isWhole && !thorough && !isWalkDue(held, now)
  return {
    ...scope.repository,
    urgency,
    ...(namespace !== undefined && { namespace }),
    ...(scope.credentials.length > 0 && { credentials: scope.credentials }),
    ...(asked !== undefined && { slice: asked }),
    ...(known && { held: { tags: held.count, validator: held.validator, additions: true } }),
  }
}

function sliceOf(slice: string | undefined, held: CatalogEntry | undefined, now: number): string | undefined {
  if (held === undefined) return slice
  const isWhole = held.ranges.some(({ prefix }) => prefix === '')
  if (isWhole) return isWalkDue(held, now) ? undefined : slice
  return held.ranges.length >= mostRanges ? undefined : slice
}

function isWalkDue({ walkedAt }: CatalogEntry, now: number): boolean {
  return now - walkedAt >= day
}
