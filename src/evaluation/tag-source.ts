import type { Repository } from '../image/index.ts'
import type { TagList } from '../version/index.ts'

/** Why the tags of a repository could not be had. */
export type TagSourceCode =
  | 'not-allowed' // the configuration does not list the registry: it is never contacted
  | 'not-found' // the registry has no such repository, or hides it
  | 'unauthorized' // the registry wants (other) credentials
  | 'rate-limited' // the registry asked to wait: `retryAt`
  | 'unavailable' // no answer, a server error, or too slow
  | 'invalid-answer' // not what the distribution specification says, or past a limit
  | 'not-checked-yet' // a first look-up goes on in the background
  | 'unreadable-credentials' // the registry wants credentials, and a pull secret that is named cannot be used

/** The tags of a repository could not be had: `code` says why; `retryAt` is an instant in epoch milliseconds. */
export class TagSourceError extends Error {
  override readonly name = 'TagSourceError'
  readonly code: TagSourceCode
  readonly retryAt: number | undefined
  /** The message without the names of pull secrets. */
  readonly messageForOthers: string

  constructor(
    code: TagSourceCode,
    message: string,
    options: { cause?: unknown; retryAt?: number; messageForOthers?: string } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.retryAt = options.retryAt
    this.messageForOthers = options.messageForOthers ?? message
  }
}

/** The advice where what was not known is looked up again by itself. */
export const askedAgainLater = 'it is asked again later'

/** A name and a secret for a registry; `origin` says where they come from, for a person: `pull secret team-a/regcred`. */
export interface PullCredentials {
  readonly username: string
  readonly password: string
  readonly origin: string
  /** In place of the password where the registry takes tokens: what its token server exchanges for one. */
  readonly identityToken?: string
  /** In place of all others: a token for the registry itself. */
  readonly registryToken?: string
  /** In place of all of these: the configuration's for the repository, which are only for some namespaces. */
  readonly configured?: true
}

/**
 * What is asked first: for an admission, of a repository whose tags are known; for an admission, of one that was never seen,
 * which may well be made up; and last what is refreshed in the background.
 */
export const urgencies = ['admission', 'first-look-up', 'refresh'] as const
export type Urgency = (typeof urgencies)[number]

/** What decides when something is asked, and nothing else: never what may be known. */
export interface Turn {
  /** `refresh` if not given. */
  readonly urgency?: Urgency
  /**
   * The namespace whose object is judged: what is asked because of one waits for that of its own, and namespaces take turns.
   * Without it, background work, and what is asked outside of admissions.
   */
  readonly namespace?: string | undefined
}

/** What is asked of a source. */
export interface TagQuery extends Repository, Turn {
  /** Those of the workload, in the order in which they are tried; what the configuration has comes after them. */
  readonly credentials?: readonly PullCredentials[]
  /**
   * How the tags of interest begin (`1.25`): of a repository with very many tags only these need be
   * complete in the answer.
   */
  readonly slice?: string
  /** What is held of the repository already: how many tags, and what the source said last to recognise them by. */
  readonly held?: {
    readonly tags: number
    readonly validator: string | undefined
    /** The caller can merge {@link TagListing.additions} into what is held; without it the answer is whole. */
    readonly additions?: boolean
  }
}

/** The tags of a repository. */
export interface TagListing {
  readonly kind: 'listed'
  /** In the order of the source. */
  readonly tags: TagList
  /** Only tags that begin so are complete in the list; undefined: all are. */
  readonly slice: string | undefined
  /** When each was pushed, by its place in the list, in epoch milliseconds (0: not known); undefined where none is known. */
  readonly published: Float64Array | undefined
  /** To be given back as `held.validator`; undefined where the source has none. */
  readonly validator: string | undefined
  /** Had without any credentials of the query: all namespaces may be told of it. */
  readonly shared: boolean
  /**
   * Only where `held.additions` was asked for: the list has no more than what was pushed since the held validator, to be
   * merged into what is held by name (a name that is there already was pushed again). `total` is how many tags there must
   * be then: where there are more or fewer, some were deleted, and all is to be asked for again, without `held`.
   */
  readonly additions?: { readonly total: number }
}

/** A listing, or that it is what is held already. */
export type TagAnswer = TagListing | { readonly kind: 'unchanged'; readonly shared: boolean }

/** What is asked of a source about one tag. */
export interface DigestQuery extends Repository, Turn {
  readonly tag: string
  readonly credentials?: readonly PullCredentials[]
}

/** What is asked of a source about the manifest that a tag names. */
export interface ManifestQuery extends DigestQuery {
  readonly digest: string
}

/**
 * For which platforms a manifest is: with the digests of theirs (`linux/arm64/v8`), or for `one` that the manifest does not name; for
 * `none`, as no container can run it; or `untold`, where only a pull would tell.
 */
export type Platforms = ReadonlyMap<string, string> | 'one' | 'none' | 'untold'

/** What a manifest says of its image. */
export interface ManifestFacts {
  readonly platforms: Platforms
  /** Where the project of the image is: an address that `sourceUrl` gave; undefined where the manifest names none. */
  readonly source: string | undefined
}

/** What a tag stands for. */
export interface TagDigest {
  /** Of the manifest that the tag names; of the index, where there is one for several platforms: `sha256:...`. */
  readonly digest: string
  /** Undefined where that was not asked. */
  readonly platforms: Platforms | undefined
  /** See {@link ManifestFacts}; read together with the platforms, and missing where the manifest names none. */
  readonly source?: string
}

/** Where tags come from: a registry. */
export interface TagSource {
  /**
   * The tags of the repository: all, or those of the slice, but never an unknown part.
   * @throws TagSourceError where they cannot be had.
   */
  listTags(query: TagQuery, signal: AbortSignal): Promise<TagAnswer>
}

/** Where digests come from: a registry. */
export interface DigestSource {
  /**
   * What the tag stands for, by a request that is no pull; undefined where the registry says that there is no such tag.
   * @throws TagSourceError
   */
  digestOf(query: DigestQuery, signal: AbortSignal): Promise<TagDigest | undefined>
  /**
   * The same for ever for one digest, unless its platforms are `untold`.
   * @throws TagSourceError
   */
  manifestOf(query: ManifestQuery, signal: AbortSignal): Promise<ManifestFacts>
}
