import t from 'tap'
import { countedFrom, learnTags, tagListOf } from '../../../src/version/index.ts'

t.test('versions, or revisions of the image where the tag has such', async t => {
  const rows: [string, string][] = [
    ['1.25.1', 'versions'],
    ['v10.4.0.1-patch', 'versions'],
    ['1.25.1-alpine', 'versions'],
    ['3.0.5-debian-12-r0', 'revisions'],
    ['1.2.3-r50', 'revisions'],
    ['latest', 'versions'],
    ['', 'versions'],
  ]
  for (const [tag, expected] of rows) t.equal(countedFrom(tag, learnTags(tagListOf([tag]))), expected, tag)
})
