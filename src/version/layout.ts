import { columnCount, type Column } from './columns.ts'

/** The columns of one version; a value that the table lacks lies between two of its values. */
export type Key = readonly number[]

/** The depth of a whole comparison. */
export const wholeKey = columnCount
/** The depth of core and stage, without revisions. */
export const stageKey = 6
/** The depth of the core alone. */
export const coreKey = 4

/**
 * Versions as words of 32 bits: the columns one behind the other, each as wide as its largest number needs, the first in
 * the highest bits. Comparing the words in turn compares the versions. Nearly every repository needs a single word.
 */
export interface PackedVersions {
  readonly length: number
  /** The bits of each column; a column that does not fit into what is left of a word begins the next one. */
  readonly widths: readonly number[]
  /** The first words of all versions, then their second words, and so on. */
  readonly words: Uint32Array
}

/** The bits of a word. */
export const wordBits = 32

/** The bits of each column. */
export function widthsOf(largest: readonly number[]): readonly number[] {
  return largest.map(value => wordBits - Math.clz32(value))
}

/** How many of the highest bits of each word the columns before `depth` use. */
export function usedBits(widths: readonly number[], depth: number): readonly number[] {
  const used: number[] = []
  for (const width of widths.slice(0, depth)) {
    if (width === 0) continue
    const last = used.at(-1) ?? wordBits
    if (last + width > wordBits) used.push(width)
    else used[used.length - 1] = last + width
  }
  return used
}

/** The words of versions whose columns are given; it yields after each column. */
export function* packColumns(
  columns: readonly (Column | undefined)[],
  widths: readonly number[],
  length: number,
): Generator<undefined, PackedVersions> {
  const words = new Uint32Array(length * usedBits(widths, wholeKey).length)
  let room = 0
  let from = -length
  for (const [at, column] of columns.entries()) {
    const width = widths[at] ?? 0
    if (width === 0 || column === undefined) continue
    if (width > room) {
      from += length
      room = wordBits
    }
    room -= width
    for (let entry = 0; entry < length; entry++)
      words[from + entry] = (words[from + entry] ?? 0) | ((column[entry] ?? 0) << room)
    yield
  }
  return { length, widths, words }
}

/** The same versions in another order. */
export function permuted({ length, widths, words }: PackedVersions, entries: Uint32Array): PackedVersions {
  const moved = new Uint32Array(words.length)
  for (let from = 0; from < words.length; from += length)
    for (let place = 0; place < length; place++)
      moved[from + place] = words[from + (entries[place] ?? 0)] ?? 0
  return { length, widths, words: moved }
}

/** The columns of an entry. */
export function keyOfEntry({ length, widths, words }: PackedVersions, entry: number): Key {
  let at = entry - length
  let room = 0
  return widths.map(width => {
    if (width === 0) return 0
    if (width > room) {
      at += length
      room = wordBits
    }
    room -= width
    return (((words[at] ?? 0) >>> room) & ((powers[width] ?? 0) - 1)) >>> 0
  })
}

/** Whether two entries are one version. */
export function isSameVersion({ length, words }: PackedVersions, a: number, b: number): boolean {
  for (let from = 0; from < words.length; from += length)
    if (words[from + a] !== words[from + b]) return false
  return true
}

/** -1, 0 or 1 as the first entry is older than, equal to or newer than the second. */
export function compareEntries({ length, words }: PackedVersions, a: number, b: number): -1 | 0 | 1 {
  for (let from = 0; from < words.length; from += length) {
    const [one, two] = [words[from + a] ?? 0, words[from + b] ?? 0]
    if (one !== two) return one < two ? -1 : 1
  }
  return 0
}

// Shifts make signed numbers of 32 bits, and computing a power takes longer than looking it up.
const powers = Array.from({ length: wordBits + 1 }, (_, exponent) => 2 ** exponent)

/** A place between versions, as words: see {@link isAbove}. */
export type Probe = readonly number[]

/** The place before (`from` 0) or behind (1) all versions whose first `depth` columns are equal to the key's. */
export function probeOf(
  widths: readonly number[],
  { key, depth }: { readonly key: Key; readonly depth: number },
  from: 0 | 1,
): Probe {
  const values: number[] = []
  // Once the key has what no version has, those that are equal so far all lie below it.
  let isOpen = true
  for (const [column, width] of widths.entries()) {
    const most = (powers[width] ?? 1) - 1
    const value = column < depth ? (key[column] ?? 0) : from * most
    if (isOpen) values.push(Math.min(Math.floor(value), most))
    else values.push(most)
    isOpen &&= value <= most && Math.floor(value) === value
  }
  return wordsOf(widths, values, isOpen && from === 0 ? 0.5 : 0)
}

// The values side by side as in the words of a version, less a little.
function wordsOf(widths: readonly number[], values: readonly number[], less: number): Probe {
  const words: number[] = []
  let room = 0
  let word = -1 // none yet
  for (let column = 0; column < widths.length; column++) {
    const width = widths[column] ?? 0
    if (width > room) {
      if (word >= 0) words.push(word)
      word = 0
      room = wordBits
    }
    room -= width
    word += (values[column] ?? 0) * (powers[room] ?? 0)
  }
  words.push(word - less)
  return words
}

/** Whether the entry lies above the place. */
export function isAbove({ length, words }: PackedVersions, entry: number, probe: Probe): boolean {
  for (let word = 0; word < probe.length; word++) {
    const own = words[word * length + entry] ?? 0
    const other = probe[word] ?? 0
    if (own !== other) return own > other
  }
  return false
}
