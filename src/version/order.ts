import type { TagTable } from './tag-table.ts'

const digitBits = 11 // 2,048 counters stay in the first-level cache
const digitSize = 1 << digitBits
const digitMask = digitSize - 1

/** Versions as one or more numbers each, the most significant first: comparing them in turn compares the versions. */
type Words = readonly Word[]

interface Word {
  readonly values: Uint32Array
  /** Only so many low bits are used. */
  readonly bits: number
}

/** The order of a table's entries, and which of them are equal. */
export interface Order {
  /** The entries from the oldest to the newest version, shapes mixed; entries of equal version in the order of the table. */
  readonly entries: Uint32Array
  /** For each entry the number of its version: equal versions have equal numbers. */
  readonly versions: Uint32Array
}

/** The order of a table's entries. A radix sort, so linear in their number; it yields after each pass. */
export function* orderEntries(table: TagTable): Generator<undefined, Order> {
  const words = yield* packColumns(table)
  let entries: Uint32Array = identity(table.length)
  for (const { values, bits } of words.toReversed())
    for (let shift = 0; shift < bits; shift += digitBits) {
      entries = pass(values, entries, shift)
      yield
    }
  return { entries, versions: numberVersions(words, entries) }
}

const wordBits = 32

// Most repositories need 20 to 30 bits for all columns together: one word, three passes.
function* packColumns({ columns, largest, length }: TagTable): Generator<undefined, Words> {
  const words: Word[] = []
  for (const [at, column] of columns.entries()) {
    const bits = wordBits - Math.clz32(largest[at] ?? 0)
    if (bits === 0) continue
    const last = words.at(-1)
    if (last === undefined || last.bits + bits > wordBits)
      words.push({ values: column.subarray(0, length), bits })
    else
      words[words.length - 1] = {
        values: joined(last.values, column, { bits, length }),
        bits: last.bits + bits,
      }
    yield
  }
  return words
}

function joined(
  high: Uint32Array,
  low: Uint32Array,
  { bits, length }: { bits: number; length: number },
): Uint32Array {
  const values = new Uint32Array(length)
  for (let entry = 0; entry < length; entry++)
    values[entry] = ((high[entry] ?? 0) << bits) | (low[entry] ?? 0)
  return values
}

function numberVersions(words: Words, entries: Uint32Array): Uint32Array {
  const starts = versionStarts(words, entries)
  const versions = new Uint32Array(entries.length)
  let version = 0
  for (let at = 0; at < entries.length; at++) {
    version += starts[at] ?? 0
    versions[entries[at] ?? 0] = version
  }
  return versions
}

// 1 at each place whose entry is of another version than the entry before it.
function versionStarts(words: Words, entries: Uint32Array): Uint8Array {
  const starts = new Uint8Array(entries.length)
  for (const { values } of words) {
    let before = values[entries[0] ?? 0]
    for (let at = 1; at < entries.length; at++) {
      const value = values[entries[at] ?? 0]
      if (value !== before) starts[at] = 1
      before = value
    }
  }
  return starts
}

// One digit of a radix sort.
function pass(values: Uint32Array, order: Uint32Array, shift: number): Uint32Array {
  const next = digitStarts(values, shift)
  const sorted = new Uint32Array(order.length)
  for (let at = 0; at < order.length; at++) {
    const entry = order[at] ?? 0
    const digit = ((values[entry] ?? 0) >>> shift) & digitMask
    const place = next[digit] ?? 0
    next[digit] = place + 1
    sorted[place] = entry
  }
  return sorted
}

function digitStarts(values: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(digitSize + 1)
  for (const value of values) {
    const after = ((value >>> shift) & digitMask) + 1
    starts[after] = (starts[after] ?? 0) + 1
  }
  for (let digit = 1; digit < digitSize; digit++)
    starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0)
  return starts
}

function identity(length: number): Uint32Array {
  const order = new Uint32Array(length)
  for (let entry = 0; entry < length; entry++) order[entry] = entry
  return order
}
