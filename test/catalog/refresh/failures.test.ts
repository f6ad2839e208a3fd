import t from 'tap'
import { createLogDeduplication } from '../../../src/catalog/refresh/failures.ts'
import { TagSourceError } from '../../../src/evaluation/index.ts'

const until = (retryAt?: number): TagSourceError =>
  new TagSourceError('unavailable', 'down', retryAt === undefined ? {} : { retryAt })

t.test('an outage is told once, whatever waits for its end', t => {
  const isFirst = createLogDeduplication()
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
    t.equal(isFirst({ registry, error }), expected, `${registry} ${error?.retryAt}`)
  t.end()
})
