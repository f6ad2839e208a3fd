import type { KnownTags } from '../evaluation/index.ts'
import { applyTagCheck } from './refresh/dangling-tags.ts'
import { nextTurnUntil, learningAs, createEntries, type LearnTags, type Entries } from './refresh/entries.ts'
import { createDigests, type Digests, type DigestsOptions } from './refresh/digests.ts'
import { createSuspectedDeletions, type SuspectedDeletions } from './refresh/suspected-deletions.ts'
import type { Entry } from './entry/entry.ts'
import { createAttempts, type Attempts } from './refresh/fresh.ts'
import { createFailures, type Failures } from './refresh/failures.ts'
import { createLookUps, type LookUps, type Task } from './refresh/look-ups.ts'
import { createMemory, type Memory } from './entry/memory.ts'
import type { CatalogLimits, CatalogOptions, CatalogSource } from './refresh/options.ts'
import { createQueue } from './refresh/queue.ts'
import { createRestore, type Restore } from './refresh/restore.ts'
import { lookUpTags } from './refresh/tag-look-up.ts'
import { createKeyedMutex, type KeyedMutex } from '../async/index.ts'
import { createCacheScopes, type CacheScopes } from './entry/credential-scope.ts'

/** The parts of a catalog. */
export interface CatalogParts {
  readonly scopes: CacheScopes
  readonly memory: Memory
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
  const attempts = createAttempts(now)
  const nextTurn = nextTurnUntil(signal)
  const mutex = createKeyedMutex()
  const shared = {
    ...settings,
    source,
    queue: queueOf(settings),
    signal,
    nextTurn,
    mutex,
    learnTags: learningAs(settings.reading, nextTurn),
  }
  const scopes = createCacheScopes(settings.locate ?? (repository => repository))
  const memory = createMemory(settings.tags)
  const failures = createFailures(settings.failures, now)
  const entries = createEntries({ ...shared, memory, digestsOf: scope => digests.of(scope) })
  const digests = composeDigests(entries, shared)
  const suspectedDeletions = createSuspectedDeletions({ ...settings, look: task => void lookUps.begin(task) })
  const onAnswer = ({ scope }: Task, entry: Entry): void => digests.recheck(scope, entry)
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

function queueOf(limits: CatalogLimits): ReturnType<typeof createQueue> {
  return createQueue({
    atOnce: limits.lookUps,
    atOncePerKey: limits.lookUpsPerRegistry,
    waiting: limits.waiting,
    waitingPerKey: limits.waitingPerRegistry,
    atOncePerNamespace: limits.lookUpsPerNamespace,
    waitingPerNamespace: {
      admission: limits.checksWaitingPerNamespace,
      'first-look-up': limits.firstLookUpsWaitingPerNamespace,
      refresh: Infinity, // for no namespace
    },
  })
}
