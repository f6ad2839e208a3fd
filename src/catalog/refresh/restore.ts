import type { Breathe, LearnTags } from './learn-tags.ts'
import type { Entries, EntriesOptions } from './entries.ts'
import { entryOf } from '../entry/entry.ts'
import type { Stored } from '../disk/format.ts'
import type { CatalogOptions } from './options.ts'
import type { CatalogStore } from '../disk/store.ts'
import type { StoredDigests } from '../disk/stored-header.ts'
import { isShared, repositoryKey, type View } from '../entry/views.ts'

/** What the disk knows, brought into memory. */
export interface Restore {
  /** Ends once the view is in memory, or is not to be had from the disk within a second. Undefined where that is known at once. */
  bring(view: View): Promise<void> | undefined
  /** Brings what was written last, until memory is full. */
  bringAll(): Promise<void>
}

export interface RestoreOptions extends Pick<EntriesOptions, 'now' | 'random' | 'memory' | 'refreshAfter'> {
  readonly store?: CatalogStore | undefined
  readonly later: NonNullable<CatalogOptions['later']>
  readonly breathe: Breathe
  readonly learnTags: LearnTags
  readonly entries: Entries
  onDigests(view: View, digests: StoredDigests): void
}

// A disk that answers within a second is worth waiting for; else the registry is the quicker one.
const patience = 1_000

// What is overdue at a start is not asked for all at once, but within a third of the time between two refreshes.
const spread = 1 / 3

/** Nothing brought yet. */
export function createRestore(options: RestoreOptions): Restore {
  const { store } = options
  if (store === undefined) return { bring: () => undefined, bringAll: async () => {} }
  const underWay = new Map<string, Promise<void>>()
  let opened: Promise<void> | undefined
  let isOpen = false

  const open = (): Promise<void> =>
    (opened ??= store.open().finally(() => {
      isOpen = true
    }))

  async function bring(view: View): Promise<void> {
    await open()
    if (!store?.has(view.key)) return
    const stored = await store.load(view.key)
    if (stored !== undefined) await adopt(view, stored, options)
  }

  return {
    bring(view) {
      if (!isShared(view) || (isOpen && !store.has(view.key))) return undefined
      const current = underWay.get(view.key)
      if (current !== undefined) return current
      const brought = within(bring(view), options).finally(() => underWay.delete(view.key))
      underWay.set(view.key, brought)
      return brought
    },
    async bringAll() {
      await open()
      for await (const stored of store.all()) {
        if (!options.memory.hasRoom(stored.tags.length)) return
        const { repository } = stored
        await adopt({ key: repositoryKey(repository), repository, credentials: [] }, stored, options)
        await options.breathe()
      }
    },
  }
}

// What was looked up meanwhile is newer.
async function adopt(view: View, stored: Stored, options: RestoreOptions): Promise<void> {
  const { entries, memory, now, random, refreshAfter } = options
  if (entries.get(view) !== undefined) return
  const learned = await options.learnTags(stored.tags, stored.repository)
  if (entries.get(view) !== undefined) return
  const { tags: _, digests, ...listed } = stored
  const parts = listed.parts.map(part => {
    const fetchedAt = Math.min(part.fetchedAt, now()) // a clock that was set back makes nothing younger than new
    const refreshAt = Math.max(fetchedAt + refreshAfter, now() + refreshAfter * spread * random())
    return { ...part, fetchedAt, refreshAt }
  })
  const savedAt = Math.max(...parts.map(({ fetchedAt }) => fetchedAt))
  memory.set(view, entryOf({ ...listed, parts }, learned, savedAt))
  options.onDigests(view, digests)
}

async function within(work: Promise<void>, { later }: RestoreOptions): Promise<void> {
  let stop: (() => void) | undefined
  const late = new Promise<void>(resolve => {
    stop = later(patience, resolve)
  })
  await Promise.race([work.catch(() => undefined), late]) // it rejects only as the catalog is closed
  stop?.()
}
