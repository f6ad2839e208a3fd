import * as fc from 'fast-check'
import t from 'tap'
import { orderEntries } from '../../src/version/order.ts'
import { createTagReader } from '../../src/version/tag-reader.ts'
import type { TagTable } from '../../src/version/tag-table.ts'
import { compareModel, readModel } from './reference-model.ts'
import { versionTag } from './tags.ts'

function tableOf(tags: readonly string[]): TagTable {
  const reader = createTagReader(tags.length)
  for (const tag of tags) reader.take(tag)
  return reader.finish()
}

function ordered(tags: readonly string[]) {
  const table = tableOf(tags)
  const steps = orderEntries(table)
  for (;;) {
    const { done, value } = steps.next()
    if (done)
      return {
        tags: [...value.entries].map(entry => table.textOf(entry)),
        versions: [...value.entries].map(entry => value.versions[entry]),
      }
  }
}

t.test('from the oldest to the newest, shapes mixed', async t => {
  t.strictSame(
    ordered([
      '1.10.0',
      'v1.9.0',
      '1.9.0',
      '1.9.0-rc.1',
      '1.9.0-alpine',
      '1.9.0-patch.1',
      '1.2.99999999999999999999',
    ]),
    {
      tags: [
        '1.2.99999999999999999999',
        '1.9.0-rc.1',
        'v1.9.0',
        '1.9.0',
        '1.9.0-alpine',
        '1.9.0-patch.1',
        '1.10.0',
      ],
      versions: [0, 1, 2, 2, 2, 3, 4],
    },
  )
  t.strictSame(ordered([]), { tags: [], versions: [] })
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
        answer.versions.every(
          (version, at) => at === 0 || equal(at) === (version === answer.versions[at - 1]),
        )
      )
    }),
    { numRuns: 3_000 },
  )
})
