import t from 'tap'
import {
  classOf,
  entryAt,
  equalEnd,
  equalRange,
  firstPlace,
  groupAt,
  groupEntries,
  groupOf,
} from '../../src/version/groups.ts'
import { keyOfEntry, packColumns, wholeKey, widthsOf } from '../../src/version/layout.ts'
import { orderEntries } from '../../src/version/order.ts'
import { readTag } from '../../src/version/read-tag.ts'
import { tagListOf } from '../../src/version/tag-list.ts'
import { createTagReader } from '../../src/version/tag-reader.ts'
import { last } from './last.ts'

const tags = ['1.3.0', '1.2.0', 'v1.2.0', '1.2.1', '1.2.1-rc.1', '1.2']
const reader = createTagReader(tagListOf(tags))
for (const at of tags.keys()) reader.take(at)
const { columns, length, groups: numbers } = reader.finish()
const versions = last(packColumns(columns.all, widthsOf(columns.largest), length))
const groups = groupEntries(last(orderEntries(versions, wholeKey)), numbers, 6)
const named = (places: Iterable<number>) => Array.from(places, place => tags[entryAt(groups, place)])

t.test('groups are in the order of their versions', async t => {
  t.strictSame(named(groups.entries.keys()), ['1.2', '1.2.0', '1.2.1-rc.1', '1.2.1', '1.3.0', 'v1.2.0'])
  t.strictSame([...groups.starts], [0, 0, 1, 5, 5, 5, 6])
  t.strictSame(
    [0, 1, 4, 5].map(place => groupAt(groups, place)),
    [1, 2, 2, 5],
  )
})

t.test('ranges', async t => {
  const key = keyOfEntry(versions, 1)
  t.strictSame(key, [1, 2, 0, 0, 5, 0, 0, 0])
  t.strictSame(equalRange(versions, groups, { group: 2, key, depth: 2 }), { start: 1, end: 4 })
  t.strictSame(equalRange(versions, groups, { group: 2, key: [9], depth: 1 }), { start: 5, end: 5 })
  t.strictSame(equalRange(versions, groups, { group: -1, key, depth: 1 }), { start: 0, end: 0 })
  t.equal(equalEnd(versions, groups, { group: 2, key, depth: 0 }), 5)
  t.equal(
    firstPlace({ start: 2, end: 9 }, place => place > 4),
    5,
  )
  t.equal(
    firstPlace({ start: 2, end: 9 }, () => false),
    9,
  )
})

t.test('classes and groups', async t => {
  const classes = ['1', '1.2', '1.2.3', '1.2.3.4'].map(tag => {
    const version = readTag(tag)
    return typeof version === 'string' ? version : classOf(version)
  })
  t.strictSame(classes, [1, 2, 3, 3])
  t.equal(groupOf(2, 1), 6)
  t.equal(groupOf(undefined, 1), -1)
})
