import type { Repository } from '../image/index.ts'
import type { ChannelRules, LearnedTags, OfferRule, Strategy, TagReading } from '../version/index.ts'
import type { Choose } from './remember-choices.ts'
import type { PullCredentials, TagDigest, TagSourceError, Turn } from './tag-source.ts'

/** What a workload may know of registries: as much as the secrets of its namespace, and the configuration for it, let it. */
export interface Access {
  readonly namespace: string
  /** The credentials for a repository, the best match first: the kubelet's order. The same array for the same repository. */
  credentialsFor(repository: Repository): readonly PullCredentials[]
  /** Pull secrets that are named and of no use: which, why and what to do. */
  readonly problems: readonly string[]
}

/** The identity that the kubelet would pull the images of a pod with. */
export interface PullIdentity {
  readonly namespace: string
  /** `default` where the pod spec names none. */
  readonly serviceAccount: string
  /** Names of secrets. */
  readonly pullSecrets: readonly string[]
}

/** Where the access of workloads comes from: a cluster. */
export interface AccessSource {
  /** From memory where known, else looked up. Never rejects: what goes wrong is a problem of the access. */
  accessOf(requester: PullIdentity): Access | Promise<Access>
}

/** Which tags are asked for, and on whose behalf. */
export interface WantedTags extends Repository, Pick<Turn, 'namespace'> {
  /** See `TagQuery`. */
  readonly slice?: string
  /** Without it, anonymous access. */
  readonly access?: Access
  /**
   * For one who would rather wait than be told what was so yesterday: what is due is asked for again first, if nothing has been
   * since this instant (epoch milliseconds). Where that comes to nothing, what was held counts.
   */
  readonly fresh?: number
  /** There is no time left to ask for fresh ones. */
  readonly late?: true
}

/** Which digest is asked for, and on whose behalf. */
export interface WantedDigest extends Repository, Pick<Turn, 'namespace'> {
  readonly tag: string
  /** Its existence is what people are told: it is remembered longer than a digest that is only compared. */
  readonly told?: boolean
  /** Also for which platforms it is. */
  readonly platforms?: boolean
  readonly access?: Access
  /** See {@link WantedTags.fresh}. */
  readonly fresh?: number
}

/** The tags of a repository as last had: `age` in milliseconds, `stale` once they are too old to refuse an image by. */
export interface KnownTags {
  readonly learned: LearnedTags
  readonly age: number
  readonly stale: boolean
  /** Fresh ones were wanted, and these are due: why. */
  readonly failure?: TagSourceError
  /** Whether a tag was listed at some time, as far as that is remembered. */
  wasListed?(tag: string): boolean
  /** When a tag was first seen here, in epoch milliseconds; undefined where it was there at the first look. */
  firstSeen?(tag: string): number | undefined
  /** When the repository was first looked at, in epoch milliseconds: its tags without a first sight were there then. */
  readonly knownSince?: number
  /** When a tag was pushed, in epoch milliseconds, where the registry says so. */
  published?(tag: string): number | undefined
}

/** What is known of a tag; no `digest` where the registry says that there is no such tag. */
export interface KnownDigest {
  readonly digest: TagDigest | undefined
  readonly age: number
  /** When the tag was first seen with it, in epoch milliseconds, where it stood for another before, or was not there. */
  readonly since?: number
}

/** What is known of repositories, from memory. */
export interface TagCatalog {
  /** What memory holds, at once; a refresh that is due goes on in the background. */
  known(wanted: WantedTags): KnownTags | undefined
  /**
   * What memory holds, or else the outcome of the one look-up under way for this repository.
   * @throws TagSourceError where there is nothing to return.
   */
  lookUp(wanted: WantedTags): Promise<KnownTags>
}

/** What is known of single tags, from memory. A tag that proves to be gone is gone from the catalog's index too. */
export interface DigestCatalog {
  knownDigest(wanted: WantedDigest): KnownDigest | undefined
  /** @throws TagSourceError where there is nothing to return. */
  digest(wanted: WantedDigest): Promise<KnownDigest>
  /** The tags that were proven to exist when people were told of them, as far as that is remembered. */
  proven(wanted: WantedTags): readonly string[]
}

/** Bounds the wait for a promise. */
export interface TimeLimit {
  /** What the promise gives within `milliseconds`, else undefined; the promise is left to go on. It rejects as the promise does. */
  wait<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined>
}

/** How many images of one object are judged. A pod spec has a handful; the bound keeps a made-up object from costing much work. */
export const mostImages = 100

/** Which images are judged, how, and for whom. */
export interface EvaluationRequest {
  /** Image texts as they stand in the object; the answer has one evaluation for each distinct text. */
  readonly images: readonly string[]
  /** How many of them may be judged: the others are unknown. {@link mostImages} where missing. */
  readonly most?: number
  readonly strategy: Strategy
  /** What may be offered beside that; the same object for the same rule. With a channel it needs {@link EvaluationPorts.channelRules}. */
  readonly rule?: OfferRule
  /** How old a tag must be to be offered, in milliseconds. Needs {@link EvaluationPorts.wallClock}. */
  readonly minimumAge?: number
  /** How long the first look-ups of all of them together may take, in milliseconds. */
  readonly budget: number
  /** The credentials of the workload; without it, access is anonymous. */
  readonly access?: Access
  /** Whose object is judged, where an admission waits: decides when registries are asked, and nothing else. */
  readonly namespace?: string
  /** For one who would rather wait than be told what was so yesterday: see `WantedTags`. */
  readonly fresh?: number
}

/** What images are judged with. */
export interface EvaluationPorts {
  readonly catalog: TagCatalog
  readonly timeLimit: TimeLimit
  /** By what a release channel is judged; needed only with one, and then with the clock. */
  readonly channelRules?: ChannelRules
  /** The instant in epoch milliseconds, by which a minimum age and support dates are compared; needed only with one of them. */
  readonly wallClock?: () => number
  /** For who judges the same tags again and again; `choose` itself where missing. */
  readonly choose?: Choose
  /** How the tags of a repository are read, the same object each time; by the built-in rules where missing. */
  readonly schemes?: (repository: Repository) => TagReading
  /** By which a tag is proven to exist before it is told; where missing, the list of tags is believed. */
  readonly digests?: DigestCatalog
}
