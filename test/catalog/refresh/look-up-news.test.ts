import t from 'tap'

import { createLookUpNews } from '../../../src/catalog/refresh/look-up-news.ts'
import { TagSourceError } from '../../../src/evaluation/index.ts'

const until = (retryAt?: number): TagSourceError =>
  new TagSourceError('unavailable', 'down', retryAt === undefined ? {} : { retryAt })

t.test('an outage is told once, whatever waits for its end', t => {
  const isNews = createLookUpNews()
  const rows: readonly (readonly [registry: string, error: TagSourceError | undefined, boolean])[] = [
    ['a.example', undefined, false],
    ['a.example', until(), true],
    ['a.example', until(), true], // a trouble of one repository
    ['a.example', until(60_000), true],
    ['a.example', until(60_000), false],
    ['a.example', until(60_700), false], // told by the next of several requests under way
    ['b.example', until(60_000), true],
    ['a.example', until(180_000), true],
    ['a.example', until(180_000), false],
  ]
  for (const [registry, error, expected] of rows)
    t.equal(isNews({ registry, error }), expected, `${registry} ${error?.retryAt}`)
  t.end()
})
