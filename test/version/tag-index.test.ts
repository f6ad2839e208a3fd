import t from 'tap'
import { choose } from '../../src/version/choose.ts'
import { isExtended } from '../../src/version/audiences.ts'
import { indexTags, indexTagsInSlices } from '../../src/version/index-tags.ts'
import { tagListOf, textsOf } from '../../src/version/tag-list.ts'
import { groupOf } from '../../src/version/groups.ts'
import { readTag } from '../../src/version/read-tag.ts'
import type { TagReading } from '../../src/version/tag-reading.ts'
import { shapeAt } from '../../src/version/shape-table.ts'
import { tagListFrom } from '../../src/version/tag-index.ts'

const many = (count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, at) => `${at % 7}.${at % 89}.${at}${['', '-alpine', '-rc.1', '-r4'][at % 4]}`,
  )

t.test('counts legal tags', async t => {
  t.equal(indexTags(tagListOf(['1.2.3', 'stable', '', '1.2.3.sig', 'a b'])).size, 2)
  t.equal(indexTags(tagListOf([])).size, 0)
})

t.test('gives its tags back, without signatures and what is no tag', async t => {
  const tags = ['1.2.3', 'stable', '', '1.2.3.sig', 'a b', 'v1.2', '1.2.3']
  const index = indexTags(tagListOf(tags))
  t.strictSame(textsOf(tagListFrom(index)), ['1.2.3', '1.2.3', 'v1.2', 'stable'])
  t.strictSame(textsOf(tagListFrom(indexTags(tagListFrom(index)))), ['1.2.3', '1.2.3', 'v1.2', 'stable'])
  t.strictSame(textsOf(tagListFrom(indexTags(tagListOf([])))), [])
})

t.test('small, in few arrays', async t => {
  for (const count of [2_000, 70_000]) {
    const index = indexTags(tagListOf(many(count)))
    t.ok(index.bytes / count < 32, `${index.bytes / count} bytes a tag`)
    t.equal(index.texts.bytes.buffer, index.versions.words.buffer)
  }
})

// What a repository may have that was made to keep us busy; each is asked about its first tag.
const hostile: Readonly<Record<string, (at: number) => string>> = {
  'a variant for each tag': at => (at === 0 ? '0.0.9-4f3a9c1' : `0.1.0-${(at + 2 ** 31).toString(16)}`),
  'pre-releases after one release': at => (at === 0 ? '1.0.0' : `1.0.${1 + (at >> 4)}-rc.${at}`),
  'revisions of variants': at =>
    at === 0 ? '1.2.3-4-g4f3a9c1-7' : `1.2.3-5-g${(at + 2 ** 31).toString(16)}-${at}`,
  'spellings of one version': at =>
    at === 0 ? '1.2.3' : `1.${'0'.repeat(at % 57)}2.${'0'.repeat(Math.floor(at / 57) % 57)}4-rc1`,
  'numbers that no column holds': at => `1.2.${10 ** 14 + at * 7_919}`,
}

// Not timed: a walk over all tags for each question would take minutes, and tap's patience ends after one.
t.test('hostile repositories are cheap to ask', async t => {
  for (const [name, tagAt] of Object.entries(hostile)) {
    const index = indexTags(tagListOf(Array.from({ length: 20_000 }, (_, at) => tagAt(at))))
    const first = choose(tagAt(0), index, 'major')
    for (let at = 0; at < 5_000; at++) choose(tagAt(0), index, 'major')
    t.strictSame(choose(tagAt(0), index, 'major'), first, name)
  }
})

t.test('a reading of its own', async t => {
  const reading: TagReading = {
    read: tag => readTag(tag.replace('RELEASE.', '')),
    line: ({ x }, depth) => (depth === 0 ? undefined : `line ${x}`),
  }
  const index = indexTags(tagListOf(['RELEASE.1.2.3', 'RELEASE.1.2.4', 'stable']), reading)
  t.equal(index.size, 3)
  t.match(choose('RELEASE.1.2.3', index, 'patch'), { newest: 'RELEASE.1.2.4', behind: 1, line: 'line 1' })
  t.match(choose('RELEASE.1.2.4', index, 'patch'), { verdict: 'current', reason: 'newest' })
})

t.test('in slices as at once', async t => {
  const slices = indexTagsInSlices(tagListOf(many(10_000)))
  let count = 0
  let step = slices.next()
  for (; !step.done; step = slices.next()) count++
  t.ok(count > 20, `${count} slices`)
  const index = step.value
  const other = indexTags(tagListOf(many(10_000)))
  for (const tag of ['1.1.1', '2.3.4-alpine', '3.3.3-rc.1', '4.4.4-r1', '5.5'])
    t.strictSame(choose(tag, index, 'minor'), choose(tag, other, 'minor'))
})

// Not timed either: what is quadratic in the number of tags would not end.
t.test('very many tags', async t => {
  const index = indexTags(tagListOf(many(300_000)))
  t.ok(index.size > 0)
})

t.test('what extends a tag', async t => {
  const { versions, byShape, shapes } = indexTags(tagListOf(['1.2.3', '1.2-alpine', '1.2.0-rc.1']))
  const shape = [0, 1].find(id => shapeAt(shapes, id).variant === '') ?? -1
  const extended = (key: readonly number[], build = false): boolean =>
    isExtended(versions, byShape, { shape, coreClass: 2, key, build })
  t.equal(extended([1, 2, 0, 0, 5, 0, 0, 0]), true)
  t.equal(extended([1, 3, 0, 0, 5, 0, 0, 0]), false)
  t.equal(extended([1, 2, 0, 0, 4, 1, 0, 0], true), true)
  t.equal(extended([1, 2, 0, 0, 4, 2, 0, 0], true), false)
  t.equal(byShape.starts[groupOf(shape, 3)], byShape.starts[groupOf(shape, 2)])
})
