import {
  TagSourceError,
  type DigestCatalog,
  type KnownTags,
  type TagCatalog,
  type WantedTags,
} from '../evaluation/index.ts'
import { composeParts, type CatalogParts } from './catalog-parts.ts'
import { mostParts } from './entry/coverage.ts'
import { coveredIn, type Entry } from './entry/entry.ts'
import { askAgain, isDue, partOf, whyDue } from './refresh/fresh.ts'
import type { MemorySize } from './entry/memory.ts'
import { byTimer, defaultLimits, type CatalogOptions, type CatalogSource } from './refresh/options.ts'
import type { Task } from './refresh/task.ts'
import { repositoryKey, type View } from './entry/views.ts'

/** What a catalog holds and does at the moment. */
export interface CatalogSize extends MemorySize {
  /** Look-ups of tags under way, those that wait for their turn included. */
  readonly lookUps: number
}

/** The tags of repositories and their digests, in memory. */
export interface Catalog extends TagCatalog, DigestCatalog {
  /** Brings into memory what the store knows; nobody need wait for it, as what is asked for is brought at once. */
  load(): Promise<void>
  size(): CatalogSize
  /** Stops what is under way and writes what is not yet on the disk; what is held stays. */
  close(): Promise<void>
}

/** An empty catalog over a source. The last good value is kept, with its age, while the source fails. */
export function createCatalog(source: CatalogSource, options: CatalogOptions): Catalog {
  const settings = { later: byTimer, ...defaultLimits, ...options }
  const closing = new AbortController()
  const parts = composeParts(source, settings, closing.signal)
  const { digests, lookUps, memory, restore } = parts
  const seenAs = (wanted: WantedTags): View => viewOf(wanted, parts)
  return {
    known: wanted => knownTags(wanted, parts),
    lookUp: wanted => unheard(lookUp(wanted, parts)),
    knownDigest: wanted => digests.known(seenAs(wanted), wanted),
    proven: wanted => digests.proven(seenAs(wanted)),
    digest: wanted => unheard(digests.lookUp(seenAs(wanted), wanted)),
    load: () => unlessClosed(restore.bringAll(), closing.signal),
    size: () => ({ ...memory.size(settings.now()), lookUps: lookUps.size() }),
    async close() {
      closing.abort()
      parts.doubts.close()
      await settings.store?.close()
    },
  }
}

function knownTags(wanted: WantedTags, parts: CatalogParts): KnownTags | undefined {
  const { entries, failures, lookUps, signal, now } = parts
  const view = viewOf(wanted, parts)
  const entry = entries.get(view)
  const part = entry && coveredIn(entry, wanted.slice)
  if (entry === undefined || part === undefined) return undefined
  const known = entries.knownOf(entry, part)
  if (isDue(part, wanted, parts)) {
    const failure = whyDue(view, wanted, parts)
    return failure && { ...known, failure }
  }
  if (now() >= part.refreshAt && failures.get(view.key) === undefined && !signal.aborted)
    lookUps.begin({ view, slice: wanted.slice, urgency: 'refresh', namespace: undefined, thorough: false })
  return known
}

async function lookUp(wanted: WantedTags, parts: CatalogParts): Promise<KnownTags> {
  const shared = parts.views.shared(wanted)
  const brought = parts.entries.get(shared) === undefined ? parts.restore.bring(shared) : undefined
  if (brought !== undefined) await brought // no await where there is nothing to wait for: it would cost a turn
  // Whoever is there first may have asked for another slice.
  for (let looks = 0; looks <= mostParts; looks++) {
    const known = knownTags(wanted, parts)
    if (known !== undefined) return known
    const view = viewOf(wanted, parts)
    if (partOf(view, wanted, parts) !== undefined) {
      await askAgain(view, wanted, parts) // it is due, and fresh ones are wanted
      continue
    }
    const failure = parts.failures.get(view.key)
    if (failure !== undefined) throw failure
    if (isSlow(view, wanted, parts)) throw notCheckedYet(view)
    const { asked, outcome } = parts.lookUps.begin(taskOf(view, wanted, parts))
    if (wanted.slice === asked.slice) return outcome
    await outcome // where it fails, so does this
  }
  throw notCheckedYet(viewOf(wanted, parts))
}

// Both webhooks look at a request, one after the other: the second need not wait for what the first did not get. Who wants fresh
// tags waits for them.
function isSlow(view: View, { namespace, fresh }: WantedTags, { lookUps, slowAfter }: CatalogParts): boolean {
  const elapsed = fresh === undefined ? lookUps.elapsed(view.key, namespace) : undefined
  return elapsed !== undefined && elapsed >= slowAfter
}

// Everybody's view is used by everybody; that of a namespace only where there is none, or where it ended.
function viewOf(wanted: WantedTags, { entries, failures, views }: CatalogParts): View {
  const shared = views.shared(wanted)
  const entry = entries.get(shared)
  if (wanted.access === undefined || isOpen(entry)) return shared
  const own = views.own(wanted, wanted.access)
  if (own === undefined) return shared
  // What was public is better than nothing, as long as the secret does not show more.
  const isVain = entries.get(own) === undefined && failures.get(own.key) !== undefined
  return isVain && entry?.missing === false ? shared : own
}

function isOpen(entry: Entry | undefined): boolean {
  return entry !== undefined && !entry.denied && !entry.missing
}

// Of a repository of which anything is held it is known that it is there; any other may be made up.
function taskOf(view: View, { slice, namespace }: WantedTags, { entries }: CatalogParts): Task {
  const urgency = entries.get(view) === undefined ? 'first-look-up' : 'admission'
  return { view, slice, urgency, namespace, thorough: false }
}

// Who lost patience does not hear of it any more, and that must not end the process.
function unheard<T>(outcome: Promise<T>): Promise<T> {
  outcome.catch(() => undefined)
  return outcome
}

async function unlessClosed(loading: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await loading
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function notCheckedYet({ repository }: View): TagSourceError {
  return new TagSourceError(
    'not-checked-yet',
    `${repositoryKey(repository)}: its first look-up takes long, and goes on`,
  )
}
