import { createBoundedMap } from '../async/index.ts'
import { TagSourceError } from '../evaluation/index.ts'
import { familiarRepository, type Repository } from '../image/index.ts'
import { createWatchTimer, type Later, type WatchTimer } from './watch-timer.ts'

/** The tags that are looked at: a catalog. */
export interface WatchedTags {
  /** Asks the registry now. @throws TagSourceError */
  lookAgain(repository: Repository): Promise<{ readonly tags: number }>
  /** Whether anything is held of it. */
  holds(repository: Repository): boolean
}

/** Keeps what was added to the watch list. No method rejects. */
export interface WatchStore {
  load(): Promise<readonly Repository[]>
  save(repositories: readonly Repository[]): Promise<void>
}

/** A repository that is looked at again and again; instants in epoch milliseconds. */
export interface Watch extends Repository {
  readonly source: 'configuration' | 'api'
  readonly lookedAt: number | undefined
  readonly tags: number | undefined
  /** Why the last look came to nothing. */
  readonly problem: string | undefined
}

/** The watch list: it is refreshed by a schedule, and sooner where a registry says that something was pushed. */
export interface Watching {
  /** Loads what was kept, and begins to look. */
  start(): Promise<void>
  /** Sorted by name. */
  list(): readonly Watch[]
  get(repository: Repository): Watch | undefined
  add(repository: Repository): Promise<'added' | 'there' | 'full'>
  remove(repository: Repository): Promise<'removed' | 'configured' | 'none'>
  /** Has a repository looked at soon, and at most once a minute; false where it is neither watched nor held. */
  hint(repository: Repository): boolean
  close(): void
}

export interface WatchingOptions {
  readonly configured: readonly Repository[]
  readonly tags: WatchedTags
  readonly store: WatchStore
  readonly intervalMilliseconds: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** At least 0 and less than 1. */
  readonly random: () => number
  /** Schedules work and returns what cancels it. */
  readonly later: Later
}

// Each is a request or more to a registry in each interval.
const mostWatches = 1_000
// Held repositories that were hinted at; each is a timer for a minute.
const mostHinted = 1_000

/** Creates the watch list of the configuration; nothing is looked at before it starts. */
export function createWatching(options: WatchingOptions): Watching {
  const { configured, store } = options
  const entries = createEntries(options)
  const hints = createHints(options)
  for (const repository of configured) entries.insert(repository, 'configuration')
  return {
    async start() {
      for (const repository of (await store.load()).slice(0, mostWatches))
        if (entries.get(repository) === undefined) entries.insert(repository, 'api')
      for (const { timer } of entries.all()) timer.start()
    },
    list: () => entries.all().map(({ watch }) => watch),
    get: repository => entries.get(repository)?.watch,
    async add(repository) {
      if (entries.get(repository) !== undefined) return 'there'
      if (entries.all().length >= mostWatches) return 'full'
      entries.insert(repository, 'api').timer.start()
      await store.save(entries.added())
      return 'added'
    },
    async remove(repository) {
      const entry = entries.get(repository)
      if (entry === undefined) return 'none'
      if (entry.watch.source === 'configuration') return 'configured'
      entries.remove(repository)
      await store.save(entries.added())
      return 'removed'
    },
    hint(repository) {
      const timer = entries.get(repository)?.timer ?? hints.timerOf(repository)
      timer?.hurry()
      return timer !== undefined
    },
    close() {
      for (const { timer } of entries.all()) timer.close()
      hints.close()
    },
  }
}

interface Entry {
  readonly watch: Watch
  readonly timer: WatchTimer
}

/** What is watched, by the name of the repository. */
function createEntries(options: WatchingOptions) {
  const entries = new Map<string, Entry>()
  async function look(key: string): Promise<void> {
    const entry = entries.get(key)
    if (entry === undefined) return
    const seen = await lookAt(entry.watch, options)
    const isThere = entries.get(key)?.timer === entry.timer
    if (isThere) entries.set(key, { ...entry, watch: { ...entry.watch, ...seen } })
  }
  return {
    get: (repository: Repository): Entry | undefined => entries.get(familiarRepository(repository)),
    all: (): readonly Entry[] =>
      [...entries].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry),
    added: (): readonly Repository[] =>
      [...entries.values()].flatMap(({ watch }) => (watch.source === 'api' ? placeOf(watch) : [])),
    insert(repository: Repository, source: Watch['source']): Entry {
      const key = familiarRepository(repository)
      const unseen = { lookedAt: undefined, tags: undefined, problem: undefined }
      const timer = createWatchTimer(() => look(key), { ...options, repeats: true })
      const entry = { watch: { ...placeOf(repository), source, ...unseen }, timer }
      entries.set(key, entry)
      return entry
    },
    remove(repository: Repository): void {
      entries.get(familiarRepository(repository))?.timer.close()
      entries.delete(familiarRepository(repository))
    },
  }
}

/** What was hinted at and is held, but not watched. */
function createHints(options: WatchingOptions) {
  const timers = createBoundedMap<WatchTimer>(mostHinted, { dispose: timer => timer.close() })
  return {
    timerOf(repository: Repository): WatchTimer | undefined {
      if (!options.tags.holds(repository)) return undefined
      const key = familiarRepository(repository)
      const look = (): Promise<void> => lookAt(repository, options).then(() => undefined)
      const timer = timers.get(key) ?? createWatchTimer(look, { ...options, repeats: false })
      if (timers.get(key) === undefined) timers.set(key, timer)
      return timer
    },
    close: () => timers.clear(),
  }
}

function placeOf({ registry, repository }: Repository): Repository {
  return { registry, repository }
}

async function lookAt(
  repository: Repository,
  { tags, now }: Pick<WatchingOptions, 'tags' | 'now'>,
): Promise<Partial<Watch>> {
  try {
    const found = await tags.lookAgain(placeOf(repository))
    return { lookedAt: now(), tags: found.tags, problem: undefined }
  } catch (error) {
    if (!(error instanceof TagSourceError)) throw error
    return { lookedAt: now(), problem: error.messageForOthers }
  }
}
