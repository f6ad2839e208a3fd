import t from 'tap'
import {
  audience,
  compareToKey,
  equalEnd,
  equalRange,
  groupEntries,
  keyOfEntry,
  offeredPlaces,
  offeredRanks,
} from '../../src/version/groups.ts'
import { orderEntries } from '../../src/version/order.ts'
import { createTagReader } from '../../src/version/tag-reader.ts'

const tags = ['1.3.0', '1.2.0', 'v1.2.0', '1.2.1', '1.2.1-rc.1', '1.2']
const reader = createTagReader(tags.length)
for (const tag of tags) reader.take(tag)
const table = reader.finish()
const steps = orderEntries(table)
let step = steps.next()
while (!step.done) step = steps.next()
const { entries: order, versions } = step.value
const groups = groupEntries(
  table,
  order,
  Uint32Array.from({ length: 6 }, (_, group) => group),
)
const named = (places: Iterable<number>) => Array.from(places, place => tags[groups.entries[place] ?? -1])

t.test('groups are in the order of their versions', async t => {
  t.strictSame(named(groups.entries.keys()), ['1.2', '1.2.0', '1.2.1-rc.1', '1.2.1', '1.3.0', 'v1.2.0'])
  t.strictSame([...groups.starts], [0, 0, 1, 5, 5, 5, 6])
})

t.test('ranges', async t => {
  const key = keyOfEntry(table, 1)
  t.strictSame(key, [1, 2, 0, 0, 5, 0, 0, 0])
  t.strictSame(equalRange(table, groups, { group: 2, key, depth: 2 }), { start: 1, end: 4 })
  t.strictSame(equalRange(table, groups, { group: 2, key, depth: 8 }), { start: 1, end: 2 })
  t.strictSame(equalRange(table, groups, { group: 2, key: [9], depth: 1 }), { start: 5, end: 5 })
  t.strictSame(equalRange(table, groups, { group: -1, key, depth: 1 }), { start: 0, end: 0 })
  t.equal(equalEnd(table, groups, { group: 2, key, depth: 0 }), 5)
  t.strictSame(
    [4, 1, 0].map(entry => compareToKey(table, entry, { key, depth: 3 })),
    [1, 0, 1],
  )
})

t.test('what is offered, and how many versions that are', async t => {
  const audiences = Uint8Array.from([0, 0, 0, 0, audience.preReleaseUsers, audience.nobody])
  const toReleases = offeredPlaces(groups, { audiences, asked: audience.everybody })
  const toPreReleases = offeredPlaces(groups, { audiences, asked: audience.preReleaseUsers })
  t.strictSame([...toReleases], [-1, 1, 1, 3, 4, 5])
  t.strictSame([...toPreReleases], [-1, 1, 2, 3, 4, 5])
  t.strictSame([...offeredRanks(groups, toReleases, versions)], [0, 1, 1, 2, 3, 1])
  t.strictSame([...offeredRanks(groups, toPreReleases, versions)], [0, 1, 2, 3, 4, 1])
})
