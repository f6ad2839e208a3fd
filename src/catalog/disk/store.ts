import type { Stored } from './format.ts'

/** Where a catalog keeps what is to survive a restart. Nothing of it rejects: a store that fails is one that is empty. */
export interface CatalogStore {
  /** The keys of what is there may be asked for once this has ended. */
  open(): Promise<void>
  /** Whether there may be something to load. */
  has(key: string): boolean
  load(key: string): Promise<Stored | undefined>
  /** All there is, what was written last first. */
  all(): AsyncIterable<Stored>
  /** Keeps this soon; of several for one key only the last need be kept. Never waits. */
  save(key: string, stored: Stored): void
  /** Ends once all is kept, or cannot be in a few seconds. */
  close(): Promise<void>
}

/** What went wrong with a store. Only `kind` comes from a closed set and may become the label of a metric. */
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
