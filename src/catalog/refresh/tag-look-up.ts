import { TagSourceError, type KnownTags, type TagSource } from '../../evaluation/index.ts'
import { coveredIn, type Entry } from '../entry/entry.ts'
import { renewed } from './entries.ts'
import type { Failures } from './failures.ts'
import { postpone, takeListing, type ListingParts } from './listings.ts'
import { portError } from './port-error.ts'
import { hashesOf } from '../entry/tag-hash.ts'
import { queryOf, type Task } from './task.ts'
import type { Turns } from './turns.ts'
import { isShared, repositoryKey } from '../entry/views.ts'

export interface TagLookUpParts extends ListingParts {
  readonly source: TagSource
  readonly failures: Failures
  readonly turns: Turns
  readonly now: () => number
  readonly signal: AbortSignal
  /** Called with what is held after each answer. */
  onAnswer(task: Task, entry: Entry): void
}

/**
 * What is known of the tags once the source has answered.
 * @throws TagSourceError, which is remembered.
 */
export async function lookUpTags(task: Task, parts: TagLookUpParts): Promise<KnownTags> {
  const { view } = task
  try {
    parts.signal.throwIfAborted()
    const { entry, seenBy } = await ask(task, parts)
    parts.failures.delete(view.key)
    parts.onAnswer({ ...task, view: seenBy }, entry)
    const part = coveredIn(entry, task.slice)
    if (part === undefined) throw notCovered(task)
    return parts.entries.knownOf(entry, part)
  } catch (error) {
    const told = portError(error, view.repository, parts.signal)
    if (!parts.signal.aborted) await parts.turns.take(view.key, () => fail(task, told, parts))
    throw told
  }
}

async function ask(
  task: Task,
  parts: TagLookUpParts,
): Promise<{ readonly entry: Entry; readonly seenBy: Task['view'] }> {
  const { source, entries, turns, now, signal } = parts
  const begun = now() // a tag that is pushed during the walk may be missed: the age counts from its start
  const { view } = task
  const held = entries.get(view)
  const listing = await source.listTags(queryOf(task, held, begun), signal)
  if (listing.kind === 'unchanged') {
    if (held === undefined) throw new Error('nothing was held')
    const entry = entries.get(view) ?? held
    return { entry: entries.touch(view, renewed(entry, entries, begun)), seenBy: view }
  }
  // What anybody may have is kept for everybody, whoever asked.
  const { repository } = view
  const seenBy = listing.shared ? { key: repositoryKey(repository), repository, credentials: [] } : view
  const arrival = { listing, task: { ...task, view: seenBy }, begun }
  const entry = await turns.take(seenBy.key, () => takeListing(arrival, parts))
  // With what came the count must be right; if it is not, something has gone, and only the whole list shows what.
  const isShort = listing.additions !== undefined && listing.additions.total !== entry.count
  return isShort && !task.thorough ? ask({ ...task, thorough: true }, parts) : { entry, seenBy }
}

// What is held stays, but a repository that is not found twice is gone.
async function fail(
  task: Task,
  error: TagSourceError,
  { failures, entries, doubts }: TagLookUpParts,
): Promise<void> {
  const { view } = task
  failures.add(view.key, error)
  const entry = entries.get(view)
  if (entry === undefined || entry.missing) return
  const denied = isShared(view) && (error.code === 'unauthorized' || error.code === 'not-found')
  if (denied) entries.touch(view, { ...entry, denied })
  if (error.code !== 'not-found') return
  const lacking = hashesOf(entry.learned.list).toSorted()
  const judged = doubts.judge({ task, scope: 'all', held: entry, lacking })
  if ('again' in judged) entries.touch(view, { ...postpone(entry, judged.again), denied })
  else entries.keep(view, { ...entry, missing: true }, entry.learned)
}

function notCovered({ view, slice }: Task): TagSourceError {
  const which = slice === undefined ? 'all of its tags' : `its tags that begin with ${JSON.stringify(slice)}`
  return new TagSourceError('invalid-answer', `${repositoryKey(view.repository)}: the answer lacks ${which}`)
}
