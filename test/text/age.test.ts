import t from 'tap'
import { shortAge } from '../../src/text/index.ts'

const minute = 60_000
const table: readonly (readonly [milliseconds: number, text: string])[] = [
  [-1, '0m'],
  [minute - 1, '0m'],
  [59 * minute, '59m'],
  [60 * minute, '1h'],
  [48 * 60 * minute - 1, '47h'],
  [48 * 60 * minute, '2d'],
]

for (const [milliseconds, text] of table) t.test(text, async t => t.equal(shortAge(milliseconds), text))
