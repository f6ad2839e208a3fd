import { hashOfTag, placeOf } from './tag-hash.ts'

/**
 * When the tags of a repository were first seen. A tag counts by its name alone: one that comes back, or moves to another
 * digest, keeps its instant.
 */
export interface TagHistory {
  /** When the repository was first listed: the tags of that listing have no instant. */
  readonly baseline: number
  /** When later tags were first seen; 0 for deleted tags of the baseline, so that one that comes back is not new. */
  readonly seen: Timestamps
  /** When tags were pushed, where the registry has that. */
  readonly published: Timestamps
}

/** Creates the history of a repository that is listed for the first time. */
export function createTagHistory(baseline: number): TagHistory {
  return { baseline, seen: noTimestamps, published: noTimestamps }
}

/** What a listing changed, by hashes of tags. */
export interface ListingChange {
  readonly at: number
  /** Tags that an earlier listing of the same range did not have. */
  readonly added: readonly number[]
  readonly gone: Float64Array
  readonly published: ReadonlyMap<number, number>
}

/** The history after a listing; `held` are the ascending hashes of the tags that are there now, where they changed. */
export function historyAfter(
  { baseline, seen, published }: TagHistory,
  change: ListingChange,
  held: Float64Array | undefined,
): TagHistory {
  const instants = new Map<number, number>()
  for (const hash of change.added) if (placeOf(seen.hashes, hash) < 0) instants.set(hash, change.at)
  for (const hash of change.gone) if (placeOf(seen.hashes, hash) < 0) instants.set(hash, 0)
  const dated = [...change.published].filter(([hash]) => placeOf(published.hashes, hash) < 0)
  return {
    baseline,
    seen: pruned(withTimestamps(seen, instants), held),
    published: pruned(withTimestamps(published, new Map(dated)), held),
  }
}

// A build server that pushes and removes a tag each minute fills this in a week.
const mostDeparted = 10_000

// Forgets deleted tags once they are many.
function pruned(instants: Timestamps, held: Float64Array | undefined): Timestamps {
  if (held === undefined || instants.hashes.length <= held.length + mostDeparted) return instants
  return onlyTimestamps(instants, hash => placeOf(held, hash) >= 0)
}

/** When a tag was first seen, in epoch milliseconds; undefined for a tag of the baseline. */
export function firstSeen(history: TagHistory, tag: string): number | undefined {
  const at = timestampOf(history.seen, hashOfTag(tag))
  return at === 0 ? undefined : at
}

/** Whether a tag that is not listed now was listed before, as far as that is remembered. */
export function wasListed(history: TagHistory, tag: string): boolean {
  return placeOf(history.seen.hashes, hashOfTag(tag)) >= 0
}

/** When a tag was pushed, in epoch milliseconds; undefined where that is unknown. */
export function publishedAt(history: TagHistory, tag: string): number | undefined {
  const at = timestampOf(history.published, hashOfTag(tag))
  return at === 0 ? undefined : at
}

/** A map from hashes of tags to instants, to the second, in two arrays: 12 bytes each, and nothing for the garbage collector to walk. */
export interface Timestamps {
  /** Ascending. */
  readonly hashes: Float64Array
  readonly seconds: Uint32Array
}

export const noTimestamps: Timestamps = { hashes: new Float64Array(0), seconds: new Uint32Array(0) }

/** The instant of a tag in epoch milliseconds, undefined where there is none. */
export function timestampOf({ hashes, seconds }: Timestamps, hash: number): number | undefined {
  const place = placeOf(hashes, hash)
  return place < 0 ? undefined : (seconds[place] ?? 0) * 1_000
}

/** Adds instants, in epoch milliseconds by hash; a new instant replaces that of the same hash. */
export function withTimestamps(instants: Timestamps, others: ReadonlyMap<number, number>): Timestamps {
  if (others.size === 0) return instants
  const added = [...others.keys()].filter(hash => placeOf(instants.hashes, hash) < 0)
  const hashes = new Float64Array(instants.hashes.length + added.length)
  hashes.set(instants.hashes)
  hashes.set(added, instants.hashes.length)
  hashes.sort()
  return { hashes, seconds: Uint32Array.from(hashes, secondsOf) }

  function secondsOf(hash: number): number {
    const at = others.get(hash)
    if (at !== undefined) return toSeconds(at)
    return instants.seconds[placeOf(instants.hashes, hash)] ?? 0
  }
}

/** Drops the hashes that `isKept` refuses. */
export function onlyTimestamps(instants: Timestamps, isKept: (hash: number) => boolean): Timestamps {
  const hashes = instants.hashes.filter(isKept)
  if (hashes.length === instants.hashes.length) return instants
  const seconds = Uint32Array.from(hashes, hash => instants.seconds[placeOf(instants.hashes, hash)] ?? 0)
  return { hashes, seconds }
}

const mostSeconds = 2 ** 32 - 1

// A registry may claim any date for its tags; it is clamped to 32 bits (up to the year 2106).
function toSeconds(at: number): number {
  return Math.min(mostSeconds, Math.max(0, Math.floor(at / 1_000)))
}
