import type { NextTurn, LearnTags, Entries, EntriesOptions } from './entries.ts'
import { entryOf } from '../entry/entry.ts'
import type { Stored } from '../disk/format.ts'
import type { CatalogOptions } from './options.ts'
import type { CatalogStore } from '../disk/store.ts'
import type { StoredDigests } from '../entry/digest-records.ts'
import { isShared, repositoryKey, type CacheScope } from '../entry/credential-scope.ts'

/** Loads entries of the catalog from disk into memory. */
export interface Restore {
  /** Loads one entry; ends after a second at the latest. Undefined where the store does not have it, or it is not shared. */
  load(scope: CacheScope): Promise<void> | undefined
  /** Loads the entries, the newest first, until memory is full. */
  loadAll(): Promise<void>
}

export interface RestoreOptions extends Pick<EntriesOptions, 'now' | 'random' | 'memory' | 'refreshAfter'> {
  readonly store?: CatalogStore | undefined
  readonly later: NonNullable<CatalogOptions['later']>
  readonly nextTurn: NextTurn
  readonly learnTags: LearnTags
  readonly entries: Entries
  onDigests(scope: CacheScope, digests: StoredDigests): void
}

// A disk that takes more than a second is slower than the registry.
const patience = 1_000

// Entries that are overdue at the start are refreshed within a third of the interval, not all at once.
const spread = 1 / 3

/** Creates a loader over the store; without a store it loads nothing. */
export function createRestore(options: RestoreOptions): Restore {
  const { store } = options
  if (store === undefined) return { load: () => undefined, loadAll: async () => {} }
  const underWay = new Map<string, Promise<void>>()
  let opened: Promise<void> | undefined
  let isOpen = false

  const open = (): Promise<void> =>
    (opened ??= store.open().finally(() => {
      isOpen = true
    }))

  async function load(scope: CacheScope): Promise<void> {
    await open()
    if (!store?.has(scope.key)) return
    const stored = await store.load(scope.key)
    if (stored !== undefined) await adopt(scope, stored, options)
  }

  return {
    load(scope) {
      if (!isShared(scope) || (isOpen && !store.has(scope.key))) return undefined
      const current = underWay.get(scope.key)
      if (current !== undefined) return current
      const loaded = within(load(scope), options).finally(() => underWay.delete(scope.key))
      underWay.set(scope.key, loaded)
      return loaded
    },
    async loadAll() {
      await open()
      for await (const stored of store.all()) {
        if (!options.memory.hasRoom(stored.tags.length)) return
        const { repository } = stored
        await adopt({ key: repositoryKey(repository), repository, credentials: [] }, stored, options)
        await options.nextTurn()
      }
    },
  }
}

// An entry that was looked up meanwhile is newer and stays.
async function adopt(scope: CacheScope, stored: Stored, options: RestoreOptions): Promise<void> {
  const { entries, memory, now, random, refreshAfter } = options
  if (entries.get(scope) !== undefined) return
  const learned = await options.learnTags(stored.tags, stored.repository)
  if (entries.get(scope) !== undefined) return
  const { tags: _, digests, ...listed } = stored
  const ranges = listed.ranges.map(range => {
    const fetchedAt = Math.min(range.fetchedAt, now()) // a clock that was set back gives no age below 0
    const refreshAt = Math.max(fetchedAt + refreshAfter, now() + refreshAfter * spread * random())
    return { ...range, fetchedAt, refreshAt }
  })
  const savedAt = Math.max(...ranges.map(({ fetchedAt }) => fetchedAt))
  memory.set(scope, entryOf({ ...listed, ranges }, learned, savedAt))
  options.onDigests(scope, digests)
}

async function within(work: Promise<void>, { later }: RestoreOptions): Promise<void> {
  let stop: (() => void) | undefined
  const late = new Promise<void>(resolve => {
    stop = later(patience, resolve)
  })
  await Promise.race([work.catch(() => undefined), late]) // rejects only when the catalog is closed
  stop?.()
}
