import * as fc from 'fast-check'
import t from 'tap'
import { tagAt, tagListOf, textsOf } from '../../src/version/tag-list.ts'
import { createTextsBuilder, textAt } from '../../src/version/texts.ts'

const text = fc.string({ unit: fc.constantFrom(...'019aZ._-v'.split('')), maxLength: 40 })

t.test('a list gives back its texts', async t => {
  fc.assert(fc.property(fc.array(text), texts => textsOf(tagListOf(texts)).join(' ') === texts.join(' ')))
  t.equal(tagAt(tagListOf(['1', '1.2']), 2), '')
  t.equal(tagAt(tagListOf(['v1.٣', 'b']), 0), 'v1.?', 'what is no ASCII is no part of a tag')
})

t.test('texts in one piece of memory', async () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), fc.array(text, { maxLength: 5 }), (tags, others) => {
      const list = tagListOf(tags)
      const builder = createTextsBuilder(tags.length + others.length, 10_000)
      builder.copy(list, Uint32Array.from(tags.keys()))
      for (const other of others) builder.write(other)
      const texts = builder.finish()
      return [...tags, ...others].every((text, at) => textAt(texts, at) === text)
    }),
  )
})
