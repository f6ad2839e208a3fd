import t from 'tap'
import { choose } from '../../src/version/choose.ts'
import { indexTags, indexTagsInSlices, isExtended } from '../../src/version/tag-index.ts'
import { groupOf } from '../../src/version/tag-table.ts'

const many = (count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, at) => `${at % 7}.${at % 89}.${at}${['', '-alpine', '-rc.1', '-r4'][at % 4]}`,
  )

t.test('counts legal tags', async t => {
  t.equal(indexTags(['1.2.3', 'stable', '', '1.2.3.sig', 'a b']).size, 2)
  t.equal(indexTags([]).size, 0)
})

t.test('in slices as at once', async t => {
  const slices = indexTagsInSlices(many(10_000))
  let count = 0
  let step = slices.next()
  for (; !step.done; step = slices.next()) count++
  t.ok(count > 20, `${count} slices`)
  const index = step.value
  const other = indexTags(many(10_000))
  for (const tag of ['1.1.1', '2.3.4-alpine', '3.3.3-rc.1', '4.4.4-r1', '5.5'])
    t.strictSame(choose(tag, index, 'minor'), choose(tag, other, 'minor'))
})

const time = (tags: readonly string[]): number => {
  const runs = Array.from({ length: 7 }, () => {
    const start = performance.now()
    indexTags(tags)
    return performance.now() - start
  })
  return Math.min(...runs)
}

t.test('linear: eight times the tags take about eight times as long', async t => {
  const lists = [many(5_000), many(40_000)] as const
  time(lists[1])
  const [few, most] = lists.map(time)
  t.ok((most ?? 0) / (few ?? 1) < 24, 'three times as much is left to noise')
})

t.test('what extends a tag', async t => {
  const { table, byShape, shapes } = indexTags(['1.2.3', '1.2-alpine', '1.2.0-rc.1'])
  const shape = shapes.all.find(({ variant }) => variant === '')?.id ?? -1
  const extended = (key: readonly number[], build = false): boolean =>
    isExtended(table, byShape, { shape, coreClass: 2, key, build })
  t.equal(extended([1, 2, 0, 0, 5, 0, 0, 0]), true)
  t.equal(extended([1, 3, 0, 0, 5, 0, 0, 0]), false)
  t.equal(extended([1, 2, 0, 0, 4, 1, 0, 0], true), true)
  t.equal(extended([1, 2, 0, 0, 4, 2, 0, 0], true), false)
  t.equal(byShape.starts[groupOf(shape, 3)], byShape.starts[groupOf(shape, 2)])
})
