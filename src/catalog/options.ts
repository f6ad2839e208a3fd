import type { TagSourceCode, TagSourceError } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'

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

/** What a catalog is made of; times in milliseconds. */
export interface CatalogOptions extends Partial<CatalogLimits> {
  readonly now: () => number
  /** At least 0 and less than 1. */
  readonly random: () => number
  /** The hosts that events may name. */
  readonly registries?: readonly string[]
  /** Why a repository is not looked up, where its source knows without asking: it then takes no place in any queue. */
  readonly refusal?: (repository: Repository) => TagSourceError | undefined
  readonly onLookUp?: (event: LookUpEvent) => void
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
  // Enough to fill a cold catalog of 300 repositories within ten seconds, and 16 x 32 MiB in the worst case.
  lookUps: 16,
  // As many as one registry is asked at a time: more would only hold places that others need.
  lookUpsPerRegistry: 4,
  // Longer queues are not worked off before those who asked have gone.
  waiting: 1_000,
  // One registry that does not answer must leave room for the others.
  waitingPerRegistry: 500,
}
