import t from 'tap'
import { readTag } from '../../src/version/read-tag.ts'
import {
  classOf,
  classOfEntry,
  columnsOf,
  createTableBuilder,
  groupOf,
  shapeOf,
  wideStart,
} from '../../src/version/tag-table.ts'
import type { Version } from '../../src/version/version.ts'

function read(tag: string): Version {
  const version = readTag(tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return version
}

t.test('versions as columns', async t => {
  const builder = createTableBuilder(5)
  builder.append('1.2.3-rc.4-r5', read('1.2.3-rc.4-r5'), 7)
  const entry = builder.append('9.8', read('9.8'), 2)
  builder.appendLike(
    '6.7.8.9',
    { entry, shape: 2, plain: true },
    { count: 4, numbers: Uint32Array.of(6, 7, 8, 9) },
  )
  builder.appendLike(
    '3.3-rc.4-r5',
    { entry: 0, shape: 7, plain: false },
    { count: 2, numbers: Uint32Array.of(3, 3, 8, 9) },
  )
  const table = builder.finish()
  const rowOf = (entry: number) => table.columns.map(column => column[entry])
  t.equal(table.length, 4)
  t.strictSame(rowOf(0), [1, 2, 3, 0, 4, 4, 5, 0])
  t.strictSame(rowOf(1), [9, 8, 0, 0, 5, 0, 0, 0])
  t.strictSame(rowOf(2), [6, 7, 8, 9, 5, 0, 0, 0])
  t.strictSame(rowOf(3), [3, 3, 0, 0, 4, 4, 5, 0])
  t.strictSame(table.largest, [9, 8, 8, 9, 5, 4, 5, 0])
  t.strictSame(
    [0, 1, 2, 3].map(entry => shapeOf(table, entry)),
    [7, 2, 2, 7],
  )
  t.strictSame(
    [0, 1, 2, 3].map(entry => classOfEntry(table, entry)),
    [3, 2, 3, 2],
  )
  t.strictSame([...table.build], [1, 0, 0, 1, 0])
  t.strictSame(
    [0, 1, 2, 3].map(entry => table.textOf(entry)),
    ['1.2.3-rc.4-r5', '9.8', '6.7.8.9', '3.3-rc.4-r5'],
  )
})

t.test('numbers that no column holds keep their order', async t => {
  const builder = createTableBuilder(4)
  for (const tag of ['1.99999999999999999999', '1.2147483648', '1.2147483647', '1.99999999999999999998'])
    builder.append(tag, read(tag), 0)
  const { columns, wide } = builder.finish()
  t.strictSame([...(columns[1] ?? [])], [wideStart + 2, wideStart, wideStart - 1, wideStart + 1])
  t.strictSame(wide, [2_147_483_648, 99_999_999_999_999_999_998n, 99_999_999_999_999_999_999n])
})

t.test('classes and groups', async t => {
  t.strictSame(
    ['1', '1.2', '1.2.3', '1.2.3.4'].map(tag => classOf(read(tag))),
    [1, 2, 3, 3],
  )
  t.equal(groupOf(2, 1), 6)
  t.equal(groupOf(undefined, 1), -1)
  t.strictSame(columnsOf(read('1.2-patch.7')), [1, 2, 0, 0, 6, 7, 0, 0])
})
