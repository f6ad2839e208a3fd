import * as fc from 'fast-check'
import t from 'tap'
import { bitsUpTo, countBits, firstBit, lastBit, wordsFor } from '../../src/version/bits.ts'

t.test('sets of places as lists of them', async () => {
  const values = fc.array(fc.constantFrom(0, 1, 2, 2), { maxLength: 200, size: 'max' })
  fc.assert(
    fc.property(values, fc.tuple(fc.nat(200), fc.nat(200)), fc.nat(3), (list, ends, from) => {
      const bits = bitsUpTo(Uint8Array.from(list), 1)
      const words = new Uint32Array(from + bits.length)
      words.set(bits, from)
      const [start = 0, end = 0] = ends.map(place => place % (list.length + 1)).toSorted((a, b) => a - b)
      const wanted = [...list.keys()].filter(place => place >= start && place < end && (list[place] ?? 2) < 2)
      const set = { words, from }
      return (
        firstBit(set, start, end) === (wanted.at(0) ?? -1) &&
        lastBit(set, start, end) === (wanted.at(-1) ?? -1) &&
        countBits(set, start, end) === wanted.length &&
        bits.length === wordsFor(list.length)
      )
    }),
    { numRuns: 5_000 },
  )
})
