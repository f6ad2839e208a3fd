import * as fc from 'fast-check'
import t from 'tap'
import { isSameVersion, packColumns, stageKey, wholeKey, widthsOf } from '../../src/version/layout.ts'
import { orderEntries } from '../../src/version/order.ts'
import { sortInSlices } from '../../src/version/sort-in-slices.ts'
import { tagListOf } from '../../src/version/tag-list.ts'
import { createTagReader } from '../../src/version/tag-reader.ts'
import { last } from './last.ts'
import { compareModel, readModel } from './reference-model.ts'
import { versionTag } from './tags.ts'

function ordered(tags: readonly string[], depth = wholeKey) {
  const reader = createTagReader(tagListOf(tags))
  for (const at of tags.keys()) reader.take(at)
  const { columns, length, sources } = reader.finish()
  const versions = last(packColumns(columns.all, widthsOf(columns.largest), length))
  const entries = [...last(orderEntries(versions, depth))]
  return {
    tags: entries.map(entry => tags[sources[entry] ?? -1]),
    repeats: entries.map((entry, at) => at > 0 && isSameVersion(versions, entry, entries[at - 1] ?? 0)),
  }
}

t.test('from the oldest to the newest, shapes mixed', async t => {
  const tags = ['1.10.0', 'v1.9.0', '1.9.0', '1.9.0-rc.1', '1.9.0-alpine', '1.9.0-patch.1']
  t.strictSame(ordered([...tags, '1.2.99999999999999999999']), {
    tags: [
      '1.2.99999999999999999999',
      '1.9.0-rc.1',
      'v1.9.0',
      '1.9.0',
      '1.9.0-alpine',
      '1.9.0-patch.1',
      '1.10.0',
    ],
    repeats: [false, false, false, true, true, false, false],
  })
  t.strictSame(ordered([]), { tags: [], repeats: [] })
  t.strictSame(ordered(['1.2-r2', '1.2-r1', '1.1'], stageKey).tags, ['1.1', '1.2-r2', '1.2-r1'])
})

t.test('as the reference model orders, whatever the size of the numbers', async () => {
  fc.assert(
    fc.property(fc.array(versionTag), tags => {
      const readable = tags.flatMap((tag, at) => {
        const reading = readModel(tag)
        return reading === undefined ? [] : [{ tag, reading, at }]
      })
      const wanted = readable.toSorted((a, b) => compareModel(a.reading, b.reading) || a.at - b.at)
      const answer = ordered(tags)
      const equal = (place: number): boolean => {
        const [one, two] = [wanted[place - 1]?.reading, wanted[place]?.reading]
        return one !== undefined && two !== undefined && compareModel(one, two) === 0
      }
      return (
        answer.tags.join(' ') === wanted.map(({ tag }) => tag).join(' ') &&
        answer.repeats.every((repeats, at) => repeats === equal(at))
      )
    }),
    { numRuns: 3_000 },
  )
})

t.test('many entries are sorted in wider steps', async t => {
  const tags = Array.from({ length: 20_000 }, (_, at) => `${(at * 7_919) % 20_000}.1`)
  t.strictSame(ordered(tags).tags.slice(0, 3), ['0.1', '1.1', '2.1'])
})

t.test('a sort by comparing, in slices', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 300, size: 'max' }), values => {
      const keyed = Uint32Array.from(values, (value, at) => value * 1_000 + at)
      const sorted = last(sortInSlices(keyed, (a, b) => Math.floor(a / 1_000) - Math.floor(b / 1_000)))
      return [...sorted].join() === [...keyed].toSorted((a, b) => a - b).join()
    }),
  )
})
