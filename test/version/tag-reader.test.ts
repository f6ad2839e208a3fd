import * as fc from 'fast-check'
import t from 'tap'
import { columnsOf } from '../../src/version/columns.ts'
import { classOf, coreClasses } from '../../src/version/groups.ts'
import { readTag } from '../../src/version/read-tag.ts'
import { shapeOf } from '../../src/version/shapes.ts'
import { tagAt, tagListOf } from '../../src/version/tag-list.ts'
import { createTagReader } from '../../src/version/tag-reader.ts'
import { anyTag, repository } from './tags.ts'

t.test('says why a tag is no version', async t => {
  const list = tagListOf(['1.2.3', 'stable', '1.2.3.sig', '', 'v1.2.3', 'x-1.'])
  const reader = createTagReader(list)
  t.strictSame(
    [0, 1, 2, 3, 4, 5].map(at => reader.take(at)),
    [undefined, 'no-version', 'artefact', 'illegal', undefined, 'no-version'],
  )
  const read = reader.finish()
  t.equal(read.length, 2)
  t.strictSame([...read.others], [1, 5])
})

t.test('a reading of its own', async t => {
  const list = tagListOf(['1.2', 'stable', 'a b', '3.4'])
  const reader = createTagReader(list, { read: tag => (tag === '1.2' ? 'no-version' : readTag('1.2.3')) })
  t.strictSame(
    [0, 1, 2, 3].map(at => reader.take(at)),
    ['no-version', undefined, 'illegal', undefined],
  )
  t.strictSame([...reader.finish().sources], [1, 3, 0, 0])
})

const noVersion = fc
  .array(
    fc.constantFrom(...'main - _ v V 2 20240101 ca 1ca 12rc 123456 4f3a9c1 x86_64 sha s . 0'.split(' ')),
    {
      maxLength: 6,
    },
  )
  .map(parts => parts.join(''))

t.test('the short ways of reading give what the long way gives', async () => {
  const tags = fc.oneof(
    fc.array(anyTag),
    fc.array(noVersion),
    repository.map(({ tags }) => [...tags, ...tags.toReversed()]),
  )
  fc.assert(
    fc.property(tags, texts => {
      const list = tagListOf(texts)
      const reader = createTagReader(list)
      const versions = texts.map((_, at) => ({ at, version: readTag(tagAt(list, at)) }))
      if (
        !versions.every(
          ({ at, version }) => reader.take(at) === (typeof version === 'string' ? version : undefined),
        )
      )
        return false
      const { columns, sources, builds, groups, shapes, length } = reader.finish()
      const value = (column: number): unknown => (column < 2 ** 31 ? column : columns.wide[column - 2 ** 31])
      const readable = versions.flatMap(({ at, version }) =>
        typeof version === 'string' ? [] : [{ at, version }],
      )
      return (
        readable.length === length &&
        readable.every(({ at, version }, entry) => {
          const own = columns.all.map(column => value(column?.[entry] ?? 0))
          if (own.join() !== columnsOf(version).join() || sources[entry] !== at) return false
          const group = groups[entry] ?? 0
          if ((builds[entry] === 1) !== version.suffix.build) return false
          if ((group % coreClasses) + 1 !== classOf(version)) return false
          return JSON.stringify(shapes[Math.floor(group / coreClasses)]) === JSON.stringify(shapeOf(version))
        })
      )
    }),
    { numRuns: 10_000 },
  )
})
