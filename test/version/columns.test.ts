import t from 'tap'
import { columnsOf, columnValue, createColumnsBuilder, wideStart } from '../../src/version/columns.ts'
import { readTag } from '../../src/version/read-tag.ts'
import type { Version } from '../../src/version/version.ts'

function read(tag: string): Version {
  const version = readTag(tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return version
}

t.test('versions as columns', async t => {
  const builder = createColumnsBuilder(5)
  builder.put(0, read('1.2.3-rc.4-r5'))
  builder.put(1, read('9.8'))
  builder.putCore(2, { count: 4, numbers: Uint32Array.of(6, 7, 8, 9) })
  builder.putCore(3, { count: 2, numbers: Uint32Array.of(3, 3, 8, 9) })
  builder.copyBehindCore(0, 3)
  const { all, largest } = builder.finish(4)
  const rowOf = (entry: number) => all.map(column => column?.[entry] ?? 0)
  t.strictSame(rowOf(0), [1, 2, 3, 0, 4, 4, 5, 0])
  t.strictSame(rowOf(1), [9, 8, 0, 0, 5, 0, 0, 0])
  t.strictSame(rowOf(2), [6, 7, 8, 9, 5, 0, 0, 0])
  t.strictSame(rowOf(3), [3, 3, 0, 0, 4, 4, 5, 0])
  t.strictSame(largest, [9, 8, 8, 9, 5, 4, 5, 0])
  t.strictSame(columnsOf(read('1.2-patch.7')), [1, 2, 0, 0, 6, 7, 0, 0])
})

t.test('numbers that no column holds keep their order', async t => {
  const builder = createColumnsBuilder(4)
  for (const [entry, tag] of [
    '1.99999999999999999999',
    '1.2147483648',
    '1.2147483647',
    '1.99999999999999999998',
  ].entries())
    builder.put(entry, read(tag))
  const { all, wide } = builder.finish(4)
  t.strictSame([...(all[1] ?? [])], [wideStart + 2, wideStart, wideStart - 1, wideStart + 1])
  t.strictSame(wide, [2_147_483_648, 99_999_999_999_999_999_998n, 99_999_999_999_999_999_999n])
  t.equal(columnValue(7, wide), 7)
  t.equal(columnValue(2_147_483_648, wide), wideStart)
  t.equal(columnValue(2_147_483_649, wide), wideStart + 0.5)
  t.equal(columnValue(10n ** 30n, wide), wideStart + 2.5)
})
