import { release } from './release.ts'
import { usedBits, type PackedVersions } from './layout.ts'

// Large counters for many entries save passes; few entries would spend their time on clearing counters.
const manyEntries = 16_384
const manyBits = 12 // 4,096 counters stay in the first-level cache
const fewBits = 8

/**
 * The entries from the oldest to the newest version by their first `depth` columns, shapes mixed; equal ones stay in the
 * order of the table. A radix sort, so linear in their number; it yields after each pass.
 */
export function* orderEntries(versions: PackedVersions, depth: number): Generator<undefined, Uint32Array> {
  const { length, widths, words } = versions
  const most = length < manyEntries ? fewBits : manyBits
  let entries: Uint32Array = identity(length)
  for (const [word, bits] of [...usedBits(widths, depth).entries()].toReversed()) {
    const values = words.subarray(word * length, (word + 1) * length)
    const passes = Math.ceil(bits / most)
    const digit = Math.ceil(bits / passes)
    for (let shift = 32 - bits; shift < 32; shift += digit) {
      const before = entries
      entries = pass(values, before, { shift, size: 2 ** Math.min(digit, 32 - shift) })
      release(before)
      yield
    }
  }
  return entries
}

interface Digit {
  readonly shift: number
  readonly size: number
}

function pass(values: Uint32Array, order: Uint32Array, { shift, size }: Digit): Uint32Array {
  const mask = size - 1
  const next = digitStarts(values, { shift, size })
  const sorted = new Uint32Array(order.length)
  for (let at = 0; at < order.length; at++) {
    const entry = order[at] ?? 0
    const digit = ((values[entry] ?? 0) >>> shift) & mask
    const place = next[digit] ?? 0
    next[digit] = place + 1
    sorted[place] = entry
  }
  release(next)
  return sorted
}

function digitStarts(values: Uint32Array, { shift, size }: Digit): Uint32Array {
  const mask = size - 1
  const starts = new Uint32Array(size + 1)
  for (let at = 0; at < values.length; at++) {
    const after = (((values[at] ?? 0) >>> shift) & mask) + 1
    starts[after] = (starts[after] ?? 0) + 1
  }
  for (let digit = 1; digit < size; digit++) starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0)
  return starts
}

/** The numbers from 0 to below `length`. */
export function identity(length: number): Uint32Array {
  const order = new Uint32Array(length)
  for (let entry = 0; entry < length; entry++) order[entry] = entry
  return order
}
