import type { KnownTags } from '../evaluation/index.ts'
import { noteProof } from './refresh/absences.ts'
import { breatheUntil, learningAs, type LearnTags } from './refresh/learn-tags.ts'
import { createDigests, type Digests, type DigestsOptions } from './refresh/digests.ts'
import { createDoubts, type Doubts } from './refresh/doubts.ts'
import { createEntries, type Entries } from './refresh/entries.ts'
import type { Entry } from './entry/entry.ts'
import { createAttempts, type Attempts } from './refresh/fresh.ts'
import { createFailures, type Failures } from './refresh/failures.ts'
import { createLookUps, type LookUps } from './refresh/look-ups.ts'
import { createMemory, type Memory } from './entry/memory.ts'
import type { CatalogLimits, CatalogOptions, CatalogSource } from './refresh/options.ts'
import { createQueue } from './refresh/queue.ts'
import { createRestore, type Restore } from './refresh/restore.ts'
import { lookUpTags } from './refresh/tag-look-up.ts'
import type { Task } from './refresh/task.ts'
import { createTurns, type Turns } from './refresh/turns.ts'
import { createViews, type Views } from './entry/views.ts'

/** What a catalog consists of. */
export interface CatalogParts {
  readonly views: Views
  readonly memory: Memory
  readonly entries: Entries
  readonly failures: Failures
  readonly doubts: Doubts
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

/** The parts of an empty catalog, connected; they stop once the signal is aborted. */
export function composeParts(source: CatalogSource, settings: Settings, signal: AbortSignal): CatalogParts {
  const { now, slowAfter, refreshAfter } = settings
  const attempts = createAttempts(now)
  const breathe = breatheUntil(signal)
  const turns = createTurns()
  const shared = {
    ...settings,
    source,
    queue: queueOf(settings),
    signal,
    breathe,
    turns,
    learnTags: learningAs(settings.reading, breathe),
  }
  const views = createViews(settings.locate ?? (repository => repository))
  const memory = createMemory(settings.tags)
  const failures = createFailures(settings.failures, now)
  const entries = createEntries({ ...shared, memory, digestsOf: view => digests.of(view) })
  const digests = composeDigests(entries, shared)
  const doubts = createDoubts({ ...settings, look: task => void lookUps.begin(task) })
  const onAnswer = ({ view }: Task, entry: Entry): void => digests.recheck(view, entry)
  const lookUps: LookUps<KnownTags> = createLookUps(
    task => lookUpTags(task, { ...shared, entries, doubts, failures, onAnswer }),
    shared,
  )
  const onDigests: Digests['restore'] = (view, stored) => digests.restore(view, stored)
  const restore = createRestore({ ...shared, memory, entries, onDigests })
  const kept = { views, memory, entries, failures, doubts, digests }
  return { ...kept, lookUps, attempts, restore, signal, now, slowAfter, refreshAfter }
}

function composeDigests(
  entries: Entries,
  shared: Settings &
    Pick<DigestsOptions, 'source' | 'queue' | 'signal'> & {
      readonly turns: Turns
      readonly learnTags: LearnTags
    },
): Digests {
  const { now, turns, learnTags } = shared
  return createDigests({
    ...shared,
    failures: createFailures(shared.failures, now), // apart, or tags that are not there would push out repositories
    onAnswer: (view, tag, digest) =>
      turns.take(view.key, () => noteProof(view, { tag, digest, at: now() }, { entries, learnTags })),
    onPlatforms: view => entries.save(view),
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
      refresh: Infinity, // is for no namespace
    },
  })
}
