import type { Stored } from './format.ts'
import type { Repository } from '../../image/index.ts'

/** Keeps the entries of a catalog across restarts. No method rejects: a store that fails behaves as an empty one. */
export interface CatalogStore {
  /** Opens the store; `has` and `load` work afterwards. */
  open(): Promise<void>
  /** Whether the store may have the entry. */
  has(key: string): boolean
  load(key: string): Promise<Stored | undefined>
  /** Everything in the store, the newest first. */
  all(): AsyncIterable<Stored>
  /** Schedules a write; of several for one key only the last need be written. Never waits. */
  save(key: string, stored: Stored): void
  /** Ends once everything is written, or after a few seconds. */
  close(): Promise<void>
}

/** A fault of a store. Only `kind` comes from a closed set and may become the label of a metric. */
export interface StoreProblem {
  /**
   * `corrupt`: a file is damaged, and removed. `other-version`: a file of another version of the format, or of another kind
   * of machine; it is left alone. `unreadable`, `unwritable`: the disk or its rights. `unsaved`: something was not written in
   * time.
   */
  readonly kind: 'corrupt' | 'other-version' | 'unreadable' | 'unwritable' | 'unsaved'
  /** The file or directory. */
  readonly file: string
  /** What happened, what it means, and what to do next. */
  readonly message: string
  /** The same kind came before, and nothing of the kind has succeeded since: worth counting, not worth a line in a log. */
  readonly repeated: boolean
}

/** Wraps a store so that some repositories are never loaded from it. */
export function createStoreWithout(
  inner: CatalogStore,
  isLeftOut: (repository: Repository) => boolean,
): CatalogStore {
  return {
    open: () => inner.open(),
    has: key => inner.has(key),
    async load(key) {
      const stored = await inner.load(key)
      return stored === undefined || isLeftOut(stored.repository) ? undefined : stored
    },
    async *all() {
      for await (const stored of inner.all()) if (!isLeftOut(stored.repository)) yield stored
    },
    save: (key, stored) => inner.save(key, stored),
    close: () => inner.close(),
  }
}

/** Reports the faults of a store, and whether each is a repetition. */
export interface StoreProblems {
  add(kind: StoreProblem['kind'], file: string, message: string): void
  /** Something of the kind succeeded: its next problem is no repetition. */
  solved(kind: StoreProblem['kind']): void
}

/** Creates a reporter that calls `onProblem` for each problem. */
export function createStoreProblems(onProblem?: (problem: StoreProblem) => void): StoreProblems {
  const told = new Set<StoreProblem['kind']>()
  return {
    add(kind, file, message) {
      const repeated = told.has(kind)
      told.add(kind)
      onProblem?.({ kind, file, message, repeated })
    },
    solved: kind => void told.delete(kind),
  }
}
