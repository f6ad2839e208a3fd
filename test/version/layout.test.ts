import * as fc from 'fast-check'
import t from 'tap'
import {
  compareEntries,
  isAbove,
  isSameVersion,
  keyOfEntry,
  packColumns,
  permuted,
  probeOf,
  usedBits,
  wholeKey,
  widthsOf,
  type Key,
} from '../../src/version/layout.ts'
import { last } from './last.ts'

const value = fc.constantFrom(0, 0, 1, 2, 3, 7, 100, 65_536, 2 ** 31 + 1)
const row = fc.array(value, { minLength: 8, maxLength: 8 })

function compareRows(a: Key, b: Key, depth: number): number {
  for (let column = 0; column < depth; column++) {
    const difference = (a[column] ?? 0) - (b[column] ?? 0)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  return 0
}

t.test('packed versions compare as their columns do', async () => {
  const key = fc.array(fc.oneof(value, fc.constantFrom(2 ** 31 + 0.5, 2 ** 31 - 0.5, 5e9)), {
    minLength: 8,
    maxLength: 8,
  })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), key, fc.nat(wholeKey), (rows, key, depth) => {
      const columns = Array.from({ length: 8 }, (_, at) => Uint32Array.from(rows, row => row[at] ?? 0))
      const widths = widthsOf(columns.map(column => Math.max(...column)))
      const versions = last(packColumns(columns, widths, rows.length))
      const probes = [probeOf(widths, { key, depth }, 0), probeOf(widths, { key, depth }, 1)] as const
      return rows.every((row, entry) => {
        const order = compareRows(row, key, depth)
        const next = (entry + 1) % rows.length
        const toNext = compareRows(row, rows[next] ?? [], wholeKey)
        return (
          keyOfEntry(versions, entry).join() === row.join() &&
          isAbove(versions, entry, probes[0]) === order >= 0 &&
          isAbove(versions, entry, probes[1]) === order > 0 &&
          compareEntries(versions, entry, next) === toNext &&
          isSameVersion(versions, entry, next) === (toNext === 0)
        )
      })
    }),
    { numRuns: 5_000 },
  )
})

t.test('bits', async t => {
  const widths = widthsOf([29, 39, 59, 0, 5, 8, 0, 0])
  t.strictSame(widths, [5, 6, 6, 0, 3, 4, 0, 0])
  t.strictSame(usedBits(widths, wholeKey), [24])
  t.strictSame(usedBits(widths, 6), [24])
  t.strictSame(usedBits(widthsOf([2 ** 31, 1, 2 ** 30]), wholeKey), [32, 32])
  t.strictSame(usedBits([], wholeKey), [])
})

t.test('in another order', async t => {
  const versions = last(packColumns([Uint32Array.of(2 ** 31, 7), Uint32Array.of(1, 2)], [32, 2], 2))
  t.strictSame(keyOfEntry(permuted(versions, Uint32Array.of(1, 0)), 0), [7, 2])
})
