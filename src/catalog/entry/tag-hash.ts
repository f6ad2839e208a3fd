import type { TagList } from '../../version/index.ts'

// Two 32-bit multiplicative hashes side by side: among 50,000 tags two share all 53 bits once in ten million repositories,
// and a collision made on purpose misleads only the users of the repository that has it.
const seeds = { high: 0x9e3779b9, low: 0x85ebca6b } as const
const factors = { high: 0x5f356495, low: 0x2c1b3c6d } as const
const highBits = 2 ** 21
const lowSize = 2 ** 32

/** The hash of a tag, a number below 2^53. It is stored on disk, so the function never changes. */
export function hashOfTag(tag: string): number {
  let high: number = seeds.high
  let low: number = seeds.low
  for (let at = 0; at < tag.length; at++) {
    high = mix(high, tag.charCodeAt(at), factors.high)
    low = mix(low, tag.charCodeAt(at), factors.low)
  }
  return combined(high, low)
}

/** The hashes of the tags of a list, by position. */
export function hashesOf({ bytes, starts, length }: TagList): Float64Array {
  const hashes = new Float64Array(length)
  for (let place = 0; place < length; place++) {
    const end = starts[place + 1] ?? 0
    let high: number = seeds.high
    let low: number = seeds.low
    for (let at = starts[place] ?? 0; at < end; at++) {
      high = mix(high, bytes[at] ?? 0, factors.high)
      low = mix(low, bytes[at] ?? 0, factors.low)
    }
    hashes[place] = combined(high, low)
  }
  return hashes
}

/** The position of a hash in an ascending array, or else -1. */
export function placeOf(ascending: Float64Array, hash: number): number {
  let from = 0
  let to = ascending.length - 1
  while (from <= to) {
    const middle = (from + to) >>> 1
    const found = ascending[middle] ?? 0
    if (found === hash) return middle
    if (found < hash) from = middle + 1
    else to = middle - 1
  }
  return -1
}

function mix(hash: number, code: number, factor: number): number {
  const mixed = Math.imul(hash ^ code, factor)
  return mixed ^ (mixed >>> 15)
}

function combined(high: number, low: number): number {
  return ((high >>> 0) % highBits) * lowSize + (low >>> 0)
}
