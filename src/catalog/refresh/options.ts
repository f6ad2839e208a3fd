import type { DigestSource, TagSource, TagSourceCode, TagSourceError } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { TagReading } from '../../version/index.ts'
import type { CatalogStore } from '../disk/store.ts'

/** What a catalog asks: without digests no tag is proven to exist. */
export type CatalogSource = TagSource & Partial<DigestSource>

/** How a look-up ended. Only `registry` and `outcome` come from closed sets and may become labels of a metric. */
export interface LookUpEvent {
  /** A host of `CatalogOptions.registries`, or `other`. */
  readonly registry: string
  readonly repository: Repository
  readonly outcome: 'listed' | TagSourceCode
  /** From the moment it was asked for, a wait for its turn included. */
  readonly milliseconds: number
  readonly error: TagSourceError | undefined
}

/** An answer that lacks tags is not taken before others say the same. */
export interface DoubtEvent {
  readonly repository: Repository
  /** How many tags are held, and how many of them all answers so far lacked. */
  readonly held: number
  readonly lacking: number
  /** How many answers that were so far. */
  readonly looks: number
}

/** What a catalog is made of; times in milliseconds. */
export interface CatalogOptions extends Partial<CatalogLimits> {
  readonly now: () => number
  /** At least 0 and less than 1. */
  readonly random: () => number
  /** The hosts that events may name. */
  readonly registries?: readonly string[]
  /** Why a repository is not looked up, where its source knows without asking: it then takes no place in any queue. */
  readonly refusal?: (repository: Repository) => TagSourceError | undefined
  /** Where the tags of a repository really are, so that its names share what is held. Itself if not given. */
  readonly locate?: (repository: Repository) => Repository
  /** How the tags of a repository are read; by the built-in rules if not given. */
  readonly reading?: (repository: Repository) => TagReading
  /** What is there outlives the process. Closed by the catalog. */
  readonly store?: CatalogStore
  /** Does something later, and gives what stops that; a timer that keeps no process up if not given. */
  readonly later?: (milliseconds: number, work: () => void) => () => void
  readonly onLookUp?: (event: LookUpEvent) => void
  readonly onDoubt?: (event: DoubtEvent) => void
}

/** What the catalog may hold and do at a time. */
export interface CatalogLimits {
  readonly refreshAfter: number
  readonly staleAfter: number
  /** A first look-up that takes longer is waited for by nobody else. */
  readonly slowAfter: number
  readonly tags: number
  readonly failures: number
  readonly lookUps: number
  readonly lookUpsPerRegistry: number
  readonly waiting: number
  readonly waitingPerRegistry: number
  /** Of one registry, because of objects of one namespace. */
  readonly lookUpsPerNamespace: number
  /** So many repositories that were never seen wait for one registry because of objects of one namespace. */
  readonly firstLookUpsWaitingPerNamespace: number
  /** And so many look-ups of repositories that are known. */
  readonly checksWaitingPerNamespace: number
  /** How many tags have their digests remembered. */
  readonly digests: number
}

const minute = 60_000

/** The limits that hold unless the configuration sets others. */
export const defaultLimits: CatalogLimits = {
  // A patch that is half an hour old is news to nobody's cluster, and 5,000 repositories make three requests a second.
  refreshAfter: 30 * minute,
  // A day without a registry is an outage; refusing people by what was true before it would be guessing.
  staleAfter: 24 * 60 * minute,
  // Whoever waits says for how long; a webhook that gave up once knows better (see compose).
  slowAfter: Infinity,
  // About 26 bytes for a tag: 130 MB at most, and a thousand times what a usual cluster needs.
  tags: 5_000_000,
  // A few hundred bytes for each. Repositories that are not there are anybody's to invent.
  failures: 1_000,
  // The source keeps to what each host bears; here only what waits for its hosts is bounded, so that no host takes it all.
  lookUps: 256,
  // A host that bears five requests a second would let more than a handful of walks run out of time together.
  lookUpsPerRegistry: 8,
  // A few hundred bytes for each: an audit that starts with an empty catalog asks for all it knows at once.
  waiting: 10_000,
  // One registry that does not answer must leave room for the others.
  waitingPerRegistry: 5_000,
  // Half: another namespace need not wait until the walks of this one are over, however slow they are.
  lookUpsPerNamespace: 4,
  // A pod spec has a handful of images. Of made-up names no more than so many are asked for; the rest of a large
  // object that is meant is asked for when it is judged again.
  firstLookUpsWaitingPerNamespace: 10,
  // Two digests for each image of a large object: these are tags of repositories that are there.
  checksWaitingPerNamespace: 200,
  // About 300 bytes for each, and 150 for each platform where those were asked: a cluster with 5,000 repositories runs a handful
  // of tags of each, and is told of one or two.
  digests: 20_000,
}

/** What is done later where nobody says otherwise: by a timer that keeps no process up. */
export function byTimer(milliseconds: number, work: () => void): () => void {
  const timer = setTimeout(work, milliseconds).unref()
  return () => clearTimeout(timer)
}
