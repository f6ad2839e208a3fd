import type { Repository } from '../image/index.ts'
import { createKeyedMutex, type KeyedMutex } from '../async/index.ts'
import {
  TagSourceError,
  type DigestCatalog,
  type KnownTags,
  type TagCatalog,
  type WantedTags,
} from '../evaluation/index.ts'
import {
  createCacheScopes,
  repositoryKey,
  type CacheScope,
  type CacheScopes,
} from './entry/credential-scope.ts'
import { mostRanges, rangeIn, type CatalogEntry } from './entry/entry.ts'
import { createEntryCache, type EntryCache, type MemorySize } from './entry/entry-cache.ts'
import { applyTagCheck } from './refresh/dangling-tags.ts'
import { createDigests, type Digests, type DigestsOptions } from './refresh/digests.ts'
import { createEntries, learningAs, nextTurnUntil, type Entries, type LearnTags } from './refresh/entries.ts'
import { createFailures, type Failures } from './refresh/failures.ts'
import { askAgain, createRefreshAttempts, isDue, rangeOf, whyDue, type Attempts } from './refresh/fresh.ts'
import { createLookUps, type LookUps, type Task } from './refresh/look-ups.ts'
import {
  byTimer,
  defaultCatalogLimits,
  type CatalogLimits,
  type CatalogOptions,
  type CatalogSource,
} from './refresh/options.ts'
import { createLookUpQueue } from './refresh/queue.ts'
import { createRestore, type Restore } from './refresh/restore.ts'
import { createSuspectedDeletions, type SuspectedDeletions } from './refresh/suspected-deletions.ts'
import { lookUpTags } from './refresh/tag-look-up.ts'

/** How much a catalog holds, and how many look-ups are under way. */
export interface CatalogSize extends MemorySize {
  /** Look-ups of tags under way, including those in the queue. */
  readonly lookUps: number
}

/** The tags of repositories and their digests, in memory. */
export interface Catalog extends TagCatalog, DigestCatalog {
  /** Asks the registry now for what is held of a repository, or for all of it where nothing is. @throws TagSourceError */
  lookAgain(repository: Repository): Promise<KnownTags>
  /** Whether memory holds anything of a repository. */
  holds(repository: Repository): boolean
  /** Loads the store into memory. The catalog can be used meanwhile: requested entries are loaded first. */
  load(): Promise<void>
  size(): CatalogSize
  /** Stops look-ups and writes pending entries to disk; memory stays readable. */
  close(): Promise<void>
}

/** Creates an empty catalog over a source. While the source fails, the last good value stays, with its age. */
export function createCatalog(source: CatalogSource, options: CatalogOptions): Catalog {
  const settings = { later: byTimer, ...defaultCatalogLimits, ...options }
  const closing = new AbortController()
  const parts = composeParts(source, settings, closing.signal)
  const { digests, lookUps, memory, restore } = parts
  const seenAs = (wanted: WantedTags): CacheScope => scopeOf(wanted, parts)
  return {
    known: wanted => knownTags(wanted, parts),
    lookUp: wanted => handled(lookUp(wanted, parts)),
    knownDigest: wanted => digests.known(seenAs(wanted), wanted),
    proven: wanted => digests.proven(seenAs(wanted)),
    digest: wanted => handled(digests.lookUp(seenAs(wanted), wanted)),
    lookAgain: repository => handled(lookAgain(repository, parts)),
    holds: repository => parts.entries.get(parts.scopes.shared(repository))?.missing === false,
    load: () => unlessClosed(restore.loadAll(), closing.signal),
    size: () => ({ ...memory.size(settings.now()), lookUps: lookUps.size() }),
    async close() {
      closing.abort()
      parts.suspectedDeletions.close()
      await settings.store?.close()
    },
  }
}

function knownTags(wanted: WantedTags, parts: CatalogParts): KnownTags | undefined {
  const { entries, failures, lookUps, signal, now } = parts
  const scope = scopeOf(wanted, parts)
  const entry = entries.get(scope)
  const range = entry && rangeIn(entry, wanted.slice)
  if (entry === undefined || range === undefined) return undefined
  const known = entries.knownOf(entry, range)
  if (isDue(range, wanted, parts)) {
    const failure = whyDue(scope, wanted, parts)
    return failure && { ...known, failure }
  }
  if (now() >= range.refreshAt && failures.get(scope.key) === undefined && !signal.aborted)
    lookUps.begin({ scope, slice: wanted.slice, urgency: 'refresh', namespace: undefined, thorough: false })
  return known
}

async function lookUp(wanted: WantedTags, parts: CatalogParts): Promise<KnownTags> {
  const shared = parts.scopes.shared(wanted)
  const loaded = parts.entries.get(shared) === undefined ? parts.restore.load(shared) : undefined
  if (loaded !== undefined) await loaded // no await where there is nothing to wait for: it would cost a turn
  // The look-up under way may be for another slice.
  for (let looks = 0; looks <= mostRanges; looks++) {
    const known = knownTags(wanted, parts)
    if (known !== undefined) return known
    const scope = scopeOf(wanted, parts)
    if (rangeOf(scope, wanted, parts) !== undefined) {
      await askAgain(scope, wanted, parts) // held, but too old for a caller who wants fresh tags
      continue
    }
    const failure = parts.failures.get(scope.key)
    if (failure !== undefined) throw failure
    if (isSlow(scope, wanted, parts)) throw notCheckedYet(scope)
    const { asked, outcome } = parts.lookUps.begin(taskOf(scope, wanted, parts))
    if (wanted.slice === asked.slice) return outcome
    await outcome // where it fails, so does this
  }
  throw notCheckedYet(scopeOf(wanted, parts))
}

// With the lowest urgency: no review waits behind it. A registry that failed a moment ago is left alone.
async function lookAgain(
  repository: Repository,
  { scopes, entries, failures, lookUps }: CatalogParts,
): Promise<KnownTags> {
  const scope = scopes.shared(repository)
  const failure = failures.get(scope.key)
  if (failure !== undefined) throw failure
  const ask = (prefix: string): Promise<KnownTags> => {
    const slice = prefix === '' ? undefined : prefix
    return lookUps.begin({ scope, slice, urgency: 'refresh', namespace: undefined, thorough: false }).outcome
  }
  const [first = '', ...others] = (entries.get(scope)?.ranges ?? []).map(({ prefix }) => prefix)
  let known = await ask(first)
  for (const prefix of others) known = await ask(prefix) // one at a time: they are of one list
  return known
}

// Both webhooks review a request, one after the other: the second does not wait for what the first did not get in time. A caller
// who wants fresh tags waits for them.
function isSlow(
  scope: CacheScope,
  { namespace, fresh }: WantedTags,
  { lookUps, slowAfter }: CatalogParts,
): boolean {
  const elapsed = fresh === undefined ? lookUps.elapsed(scope.key, namespace) : undefined
  return elapsed !== undefined && elapsed >= slowAfter
}

// The shared scope serves all namespaces. A namespace's own scope is used only if the shared one has nothing or was denied.
function scopeOf(wanted: WantedTags, { entries, failures, scopes }: CatalogParts): CacheScope {
  const shared = scopes.shared(wanted)
  const entry = entries.get(shared)
  if (wanted.access === undefined || isOpen(entry)) return shared
  const own = scopes.own(wanted, wanted.access)
  if (own === undefined) return shared
  // A formerly public list is better than nothing while the secret gives access to no more.
  const isVain = entries.get(own) === undefined && failures.get(own.key) !== undefined
  return isVain && entry?.missing === false ? shared : own
}

function isOpen(entry: CatalogEntry | undefined): boolean {
  return entry !== undefined && !entry.denied && !entry.missing
}

// A repository of which something is held exists; any other name may be made up.
function taskOf(scope: CacheScope, { slice, namespace }: WantedTags, { entries }: CatalogParts): Task {
  const urgency = entries.get(scope) === undefined ? 'first-look-up' : 'admission'
  return { scope, slice, urgency, namespace, thorough: false }
}

// The caller may have timed out by then: a late failure must not end the process as an unhandled rejection.
function handled<T>(outcome: Promise<T>): Promise<T> {
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

function notCheckedYet({ repository }: CacheScope): TagSourceError {
  return new TagSourceError(
    'not-checked-yet',
    `${repositoryKey(repository)}: its first look-up takes long, and goes on`,
  )
}

/** The parts of a catalog. */
export interface CatalogParts {
  readonly scopes: CacheScopes
  readonly memory: EntryCache
  readonly entries: Entries
  readonly failures: Failures
  readonly suspectedDeletions: SuspectedDeletions
  readonly digests: Digests
  readonly lookUps: LookUps<KnownTags>
  readonly attempts: Attempts
  readonly restore: Restore
  readonly signal: AbortSignal
  readonly now: () => number
  readonly slowAfter: number
  readonly refreshAfter: number
}

type Settings = CatalogOptions & CatalogLimits & Required<Pick<CatalogOptions, 'later'>>

/** Creates and connects the parts of an empty catalog; they stop once the signal is aborted. */
export function composeParts(source: CatalogSource, settings: Settings, signal: AbortSignal): CatalogParts {
  const { now, slowAfter, refreshAfter } = settings
  const attempts = createRefreshAttempts(now)
  const nextTurn = nextTurnUntil(signal)
  const mutex = createKeyedMutex()
  const shared = {
    ...settings,
    source,
    queue: createLookUpQueue(settings),
    signal,
    nextTurn,
    mutex,
    learnTags: learningAs(settings.reading, nextTurn),
  }
  const scopes = createCacheScopes(settings.locate ?? (repository => repository))
  const memory = createEntryCache(settings.tags)
  const failures = createFailures(settings.failures, now)
  const entries = createEntries({ ...shared, memory, digestsOf: scope => digests.of(scope) })
  const digests = composeDigests(entries, shared)
  const suspectedDeletions = createSuspectedDeletions({ ...settings, look: task => void lookUps.begin(task) })
  const onAnswer = ({ scope }: Task, entry: CatalogEntry): void => digests.recheck(scope, entry)
  const lookUps: LookUps<KnownTags> = createLookUps(
    task => lookUpTags(task, { ...shared, entries, suspectedDeletions, failures, onAnswer }),
    shared,
  )
  const onDigests: Digests['restore'] = (scope, stored) => digests.restore(scope, stored)
  const restore = createRestore({ ...shared, memory, entries, onDigests })
  const kept = { scopes, memory, entries, failures, suspectedDeletions, digests }
  return { ...kept, lookUps, attempts, restore, signal, now, slowAfter, refreshAfter }
}

function composeDigests(
  entries: Entries,
  shared: Settings &
    Pick<DigestsOptions, 'source' | 'queue' | 'signal'> & {
      readonly mutex: KeyedMutex
      readonly learnTags: LearnTags
    },
): Digests {
  const { now, mutex, learnTags } = shared
  return createDigests({
    ...shared,
    failures: createFailures(shared.failures, now), // separate: tags that do not exist must not push out repositories
    onAnswer: (scope, tag, digest) =>
      mutex.runExclusive(scope.key, () =>
        applyTagCheck(scope, { tag, digest, at: now() }, { entries, learnTags }),
      ),
    onPlatforms: scope => entries.save(scope),
  })
}
