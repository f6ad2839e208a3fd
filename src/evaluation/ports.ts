import type { Repository } from '../image/index.ts'
import type { TagIndex } from '../version/index.ts'

/** Why the tags of a repository could not be had. */
export type TagSourceCode =
  | 'not-allowed' // the configuration does not list the registry: it is never contacted
  | 'not-found' // the registry has no such repository, or hides it
  | 'unauthorized' // the registry wants (other) credentials
  | 'rate-limited' // the registry asked to wait: `retryAt`
  | 'unavailable' // no answer, a server error, or too slow
  | 'invalid-answer' // not what the distribution specification says, or past a limit
  | 'not-checked-yet' // a first look-up goes on in the background

/** The tags of a repository could not be had: `code` says why; `retryAt` is an instant in epoch milliseconds. */
export class TagSourceError extends Error {
  override readonly name = 'TagSourceError'
  readonly code: TagSourceCode
  readonly retryAt: number | undefined

  constructor(code: TagSourceCode, message: string, options: { cause?: unknown; retryAt?: number } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.retryAt = options.retryAt
  }
}

/** Where tags come from: a registry. */
export interface TagSource {
  /**
   * Every tag of the repository, complete and in any order.
   * @throws TagSourceError where they cannot be had; a partial list is never returned.
   */
  listTags(repository: Repository, signal: AbortSignal): Promise<readonly string[]>
}

/** The tags of a repository as last had: `age` in milliseconds, `stale` once they are too old to refuse anybody by. */
export interface KnownTags {
  readonly index: TagIndex
  readonly age: number
  readonly stale: boolean
}

/** What is known of repositories, from memory. */
export interface TagCatalog {
  /** What memory holds, at once; a refresh that is due goes on in the background. */
  known(repository: Repository): KnownTags | undefined
  /**
   * What memory holds, or else the outcome of the one look-up under way for this repository.
   * @throws TagSourceError where there is nothing to return.
   */
  lookUp(repository: Repository): Promise<KnownTags>
}

/** How long somebody waits for somebody else. */
export interface Patience {
  /** What the promise gives within `milliseconds`, else undefined; the promise is left to go on. It rejects as the promise does. */
  wait<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined>
}
