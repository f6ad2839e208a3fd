import * as fc from 'fast-check'
import t from 'tap'
import { placeOf, tagAt, tagListOf, textsOf } from '../../../src/version/tag/tag-list.ts'

const text = fc.string({ unit: fc.constantFrom(...'019aZ._-v'.split('')), maxLength: 40 })

t.test('a list gives back its texts', async t => {
  fc.assert(fc.property(fc.array(text), texts => textsOf(tagListOf(texts)).join(' ') === texts.join(' ')))
  t.equal(tagAt(tagListOf(['1', '1.2']), 2), '')
  t.equal(tagAt(tagListOf(['v1.٣', 'b']), 0), 'v1.?', 'what is no ASCII is no part of a tag')
})

t.test('where a tag stands', async () => {
  fc.assert(
    fc.property(fc.array(text), text, (texts, other) => {
      const list = tagListOf(texts)
      return [...texts, other].every(one => placeOf(list, one) === texts.indexOf(one))
    }),
  )
})
