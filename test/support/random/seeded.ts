/** Random values that a seed repeats. */
export interface Random {
  /** A whole number from 0 to below `end`. */
  below(end: number): number
  /** Whether something that happens with that probability does. */
  isChance(probability: number): boolean
  /** One of the values, of which there is at least one. */
  pick<const T>(values: readonly T[]): T
  /** So many values, at least 0 and at most `most`. */
  several<T>(most: number, make: (at: number) => T): readonly T[]
}

/** The random values of case number `at` under a seed: each case can be made again without those before it. */
export function seeded(seed: number, at: number): Random {
  const next = mulberry(Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(at + 1, 0xc2b2_ae35))
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    isChance: probability => next() < probability,
    pick(values) {
      const wanted = below(values.length)
      for (const [index, value] of values.entries()) if (index === wanted) return value
      throw new Error('there is nothing to pick from')
    },
    several: (most, make) => Array.from({ length: below(most + 1) }, (_, index) => make(index)),
  }
}

// Mulberry32, by Tommy Ettinger: public domain.
function mulberry(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
