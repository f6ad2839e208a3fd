import { instantOf, noInstants, onlyInstants, withInstants, type Instants } from './instants.ts'
import { hashOfTag, placeOf } from './tag-hash.ts'

/**
 * When the tags of a repository were first seen. It goes by the tag alone: a tag that comes back, or stands for another
 * digest, is no newer than it was.
 */
export interface Ledger {
  /** When the repository was first listed: what was there then has no instant of its own. */
  readonly baseline: number
  /** Of the tags that came later; 0 for those of the baseline that have gone, so that they come back as old as they were. */
  readonly seen: Instants
  /** When tags were pushed, where the registry says so. */
  readonly published: Instants
}

/** The ledger of a repository that is listed for the first time. */
export function createLedger(baseline: number): Ledger {
  return { baseline, seen: noInstants, published: noInstants }
}

/** What a listing brought, by hashes of tags. */
export interface Change {
  readonly at: number
  /** What was not there when the same part of the repository was listed before. */
  readonly added: readonly number[]
  readonly gone: Float64Array
  readonly published: ReadonlyMap<number, number>
}

/** The ledger after a listing; `held` are the ascending hashes of what is there now, where that changed. */
export function ledgerAfter(
  { baseline, seen, published }: Ledger,
  change: Change,
  held: Float64Array | undefined,
): Ledger {
  const instants = new Map<number, number>()
  for (const hash of change.added) if (placeOf(seen.hashes, hash) < 0) instants.set(hash, change.at)
  for (const hash of change.gone) if (placeOf(seen.hashes, hash) < 0) instants.set(hash, 0)
  const dated = [...change.published].filter(([hash]) => placeOf(published.hashes, hash) < 0)
  return {
    baseline,
    seen: pruned(withInstants(seen, instants), held),
    published: pruned(withInstants(published, new Map(dated)), held),
  }
}

// A build server that pushes and removes a tag each minute fills this in a week.
const mostDeparted = 10_000

// Forgets the tags that went, once they are many.
function pruned(instants: Instants, held: Float64Array | undefined): Instants {
  if (held === undefined || instants.hashes.length <= held.length + mostDeparted) return instants
  return onlyInstants(instants, hash => placeOf(held, hash) >= 0)
}

/** When a tag was first seen, in epoch milliseconds; undefined where it was there before anybody looked. */
export function firstSeen(ledger: Ledger, tag: string): number | undefined {
  const at = instantOf(ledger.seen, hashOfTag(tag))
  return at === 0 ? undefined : at
}

/** Whether a tag that is not there now was so before, as far as that is remembered. */
export function wasListed(ledger: Ledger, tag: string): boolean {
  return placeOf(ledger.seen.hashes, hashOfTag(tag)) >= 0
}

/** When a tag was pushed, in epoch milliseconds, where that is known. */
export function publishedAt(ledger: Ledger, tag: string): number | undefined {
  const at = instantOf(ledger.published, hashOfTag(tag))
  return at === 0 ? undefined : at
}
