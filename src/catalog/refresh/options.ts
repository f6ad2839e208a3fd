import type { DigestSource, TagSource, TagSourceCode, TagSourceError } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { TagReading } from '../../version/index.ts'
import type { CatalogStore } from '../disk/store.ts'

/** The source of a catalog: without digests no tag is proven to exist. */
export type CatalogSource = TagSource & Partial<DigestSource>

/** The end of a look-up. Only `registry` and `outcome` come from closed sets and may become labels of a metric. */
export interface LookUpEvent {
  /** A host of `CatalogOptions.registries`, or `other`. */
  readonly registry: string
  readonly repository: Repository
  readonly outcome: 'listed' | TagSourceCode
  /** From the request on, including the wait in the queue. */
  readonly milliseconds: number
  readonly error: TagSourceError | undefined
}

/** An answer that lacks tags, which counts only once others confirm it. */
export interface SuspicionEvent {
  readonly repository: Repository
  /** How many tags are held, and how many of them no answer so far had. */
  readonly held: number
  readonly lacking: number
  /** How many answers there were so far. */
  readonly looks: number
}

/** The options of a catalog; times in milliseconds. */
export interface CatalogOptions extends Partial<CatalogLimits> {
  readonly now: () => number
  /** At least 0 and less than 1. */
  readonly random: () => number
  /** The hosts that events may name; others are `other`. */
  readonly registries?: readonly string[]
  /** The error of a repository that would be refused without a request: it then takes no place in the queue. */
  readonly refusal?: (repository: Repository) => TagSourceError | undefined
  /** Resolves an alias of a repository, so that its names share what is held. The identity if not given. */
  readonly locate?: (repository: Repository) => Repository
  /** How the tags of a repository are read; by the built-in rules if not given. */
  readonly reading?: (repository: Repository) => TagReading
  /** Keeps entries across restarts. Closed by the catalog. */
  readonly store?: CatalogStore
  /** Schedules work and returns what cancels it; an unreferenced timer if not given. */
  readonly later?: (milliseconds: number, work: () => void) => () => void
  readonly onLookUp?: (event: LookUpEvent) => void
  readonly onSuspicion?: (event: SuspicionEvent) => void
}

/** The limits of a catalog. */
export interface CatalogLimits {
  readonly refreshAfter: number
  readonly staleAfter: number
  /** Further callers do not wait for a first look-up that takes longer. */
  readonly slowAfter: number
  readonly tags: number
  readonly failures: number
  readonly lookUps: number
  readonly lookUpsPerRegistry: number
  readonly waiting: number
  readonly waitingPerRegistry: number
  /** Per registry, for objects of one namespace. */
  readonly lookUpsPerNamespace: number
  /** First look-ups in the queue of one registry for objects of one namespace. */
  readonly firstLookUpsWaitingPerNamespace: number
  /** Look-ups of known repositories, likewise. */
  readonly checksWaitingPerNamespace: number
  /** How many tags have their digests remembered. */
  readonly digests: number
}

const minute = 60_000

/** The limits that hold unless the configuration sets others. */
export const defaultCatalogLimits: CatalogLimits = {
  // A patch release half an hour earlier or later makes no difference, and 5,000 repositories make three requests a second.
  refreshAfter: 30 * minute,
  // A day without a registry is an outage; a refusal by data from before it would be a guess.
  staleAfter: 24 * 60 * minute,
  // Callers bound their own wait; the webhook sets its lookup budget.
  slowAfter: Infinity,
  // About 26 bytes for a tag: 130 MB at most, and a thousand times what a usual cluster needs.
  tags: 5_000_000,
  // A few hundred bytes for each. Any user can make up repositories.
  failures: 1_000,
  // The source limits the requests to each host; this bounds what waits for hosts, so that no host takes it all.
  lookUps: 256,
  // At five requests a second to a host, more than a handful of long lists would all run out of time.
  lookUpsPerRegistry: 8,
  // A few hundred bytes for each: an audit that starts with an empty catalog asks for all it knows at once.
  waiting: 10_000,
  // One registry that does not answer must leave room for the others.
  waitingPerRegistry: 5_000,
  // Half: another namespace does not wait until the look-ups of this one are over, however slow they are.
  lookUpsPerNamespace: 4,
  // A pod spec has a handful of images. Of made-up names no more than these are asked for; the other images of a large
  // object are asked for when it is judged again.
  firstLookUpsWaitingPerNamespace: 10,
  // Two digests for each image of a large object: these are tags of repositories that exist.
  checksWaitingPerNamespace: 200,
  // About 300 bytes for each, and 150 for each platform where those were asked: a cluster with 5,000 repositories runs a handful
  // of tags of each, and is told of one or two.
  digests: 20_000,
}

/** Schedules work by an unreferenced timer. */
export function byTimer(milliseconds: number, work: () => void): () => void {
  const timer = setTimeout(work, milliseconds).unref()
  return () => clearTimeout(timer)
}
