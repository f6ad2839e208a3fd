import * as fc from 'fast-check'
import t from 'tap'
import { choose, createNewestFinder, learnTags, tagListOf } from '../../../src/version/index.ts'
import { repository } from '../tags.ts'

t.test('what was found for one tag holds for the others of its family', async () => {
  fc.assert(
    fc.property(repository, ({ tags, current }) => {
      const learned = learnTags(tagListOf(tags))
      const find = createNewestFinder()
      return [...tags, current, ...tags.toReversed()].every(
        tag => find(tag, learned) === choose(tag, learned, { strategy: 'major' }).newest,
      )
    }),
    { numRuns: 5_000 },
  )
})
