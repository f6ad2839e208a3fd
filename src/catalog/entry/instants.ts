import { placeOf } from './tag-hash.ts'

/** Instants by the hashes of tags, to the second: 12 bytes each, and nothing for the garbage collector to walk. */
export interface Instants {
  /** Ascending. */
  readonly hashes: Float64Array
  readonly seconds: Uint32Array
}

export const noInstants: Instants = { hashes: new Float64Array(0), seconds: new Uint32Array(0) }

/** The instant of a tag in epoch milliseconds, undefined where there is none. */
export function instantOf({ hashes, seconds }: Instants, hash: number): number | undefined {
  const place = placeOf(hashes, hash)
  return place < 0 ? undefined : (seconds[place] ?? 0) * 1_000
}

/** The same with others added, in epoch milliseconds by hash; a hash that has one already gets the new one. */
export function withInstants(instants: Instants, others: ReadonlyMap<number, number>): Instants {
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

/** Only those of the hashes that are kept. */
export function onlyInstants(instants: Instants, isKept: (hash: number) => boolean): Instants {
  const hashes = instants.hashes.filter(isKept)
  if (hashes.length === instants.hashes.length) return instants
  const seconds = Uint32Array.from(hashes, hash => instants.seconds[placeOf(instants.hashes, hash)] ?? 0)
  return { hashes, seconds }
}

const mostSeconds = 2 ** 32 - 1

// A registry may say anything of its tags; what no clock shows is cut to what 32 bits hold (up to the year 2106).
function toSeconds(at: number): number {
  return Math.min(mostSeconds, Math.max(0, Math.floor(at / 1_000)))
}
