import * as fc from 'fast-check'
import t from 'tap'
import { readTag } from '../../src/version/read-tag.ts'
import { createTagReader } from '../../src/version/tag-reader.ts'
import { classOf, classOfEntry, columnsOf, shapeOf } from '../../src/version/tag-table.ts'
import { anyTag, repository } from './tags.ts'

t.test('says why a tag is no version', async t => {
  const reader = createTagReader(5)
  t.strictSame(
    ['1.2.3', 'stable', '1.2.3.sig', '', 'v1.2.3'].map(tag => reader.take(tag)),
    [undefined, 'no-version', 'artefact', 'illegal', undefined],
  )
  t.equal(reader.finish().length, 2)
})

t.test('the short way of reading gives what the long way gives', async () => {
  const tags = fc.oneof(
    fc.array(anyTag),
    repository.map(({ tags }) => [...tags, ...tags.toReversed()]),
  )
  fc.assert(
    fc.property(tags, list => {
      const reader = createTagReader(list.length)
      const versions = list.map(tag => ({ tag, version: readTag(tag) }))
      if (
        !versions.every(
          ({ tag, version }) => reader.take(tag) === (typeof version === 'string' ? version : undefined),
        )
      )
        return false
      const table = reader.finish()
      const value = (column: number): unknown => (column < 2 ** 31 ? column : table.wide[column - 2 ** 31])
      const readable = versions.flatMap(({ tag, version }) =>
        typeof version === 'string' ? [] : [{ tag, version }],
      )
      return readable.every(({ tag, version }, entry) => {
        const columns = table.columns.map(column => value(column[entry] ?? 0))
        if (columns.join() !== columnsOf(version).join() || table.textOf(entry) !== tag) return false
        if (
          (table.build[entry] === 1) !== version.suffix.build ||
          classOfEntry(table, entry) !== classOf(version)
        )
          return false
        return reader.shapes.find(version)?.id === shapeOf(table, entry)
      })
    }),
    { numRuns: 10_000 },
  )
})
