const wordBits = 32

/** A set of places, a bit for each; several sets share one array. */
export interface BitSet {
  readonly words: Uint32Array
  /** Where the set's words begin in the array. */
  readonly from: number
}

/** How many words a set of places below `length` takes. */
export function wordsFor(length: number): number {
  return Math.ceil(length / wordBits)
}

/** The set of those places whose value is at most so much. */
export function bitsUpTo(values: Uint8Array, most: number): Uint32Array {
  const words = new Uint32Array(wordsFor(values.length))
  for (let place = 0; place < values.length; place++)
    if ((values[place] ?? 0) <= most) words[place >>> 5] = (words[place >>> 5] ?? 0) | (1 << (place & 31))
  return words
}

/** The highest place of the set from `start` to below `end`; -1 for none. */
export function lastBit({ words, from }: BitSet, start: number, end: number): number {
  for (let at = (end - 1) >> 5; at >= start >>> 5; at--) {
    const word = (words[from + at] ?? 0) & maskOf(at, start, end)
    if (word !== 0) return (at << 5) + wordBits - 1 - Math.clz32(word)
  }
  return -1
}

/** The lowest place of the set from `start` to below `end`; -1 for none. */
export function firstBit({ words, from }: BitSet, start: number, end: number): number {
  for (let at = start >>> 5; at <= (end - 1) >> 5; at++) {
    const word = (words[from + at] ?? 0) & maskOf(at, start, end)
    if (word !== 0) return (at << 5) + wordBits - 1 - Math.clz32(word & -word)
  }
  return -1
}

/** How many places of the set there are from `start` to below `end`. */
export function countBits({ words, from }: BitSet, start: number, end: number): number {
  let count = 0
  for (let at = start >>> 5; at <= (end - 1) >> 5; at++)
    count += onesIn((words[from + at] ?? 0) & maskOf(at, start, end))
  return count
}

// The bits of a word that stand for places from `start` to below `end`.
function maskOf(at: number, start: number, end: number): number {
  const low = at === start >>> 5 ? -1 << (start & 31) : -1
  return at === end >> 5 ? low & ~(-1 << (end & 31)) : low
}

// Adds neighbouring bits, then pairs, then fours; the multiplication adds the four bytes.
function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
