import t from 'tap'
import { backoffDelay } from '../../../src/kubernetes/api/backoff.ts'

const backoff = { first: 1000, most: 30_000 }

t.test('doubled up to the most, the second half of it random', t => {
  const table = [
    [0, 0, 500],
    [1, 0, 500],
    [1, 0.5, 750],
    [2, 0, 1000],
    [3, 0, 2000],
    [6, 0, 15_000],
    [60, 0, 15_000],
    [60, 0.5, 22_500],
    [5000, 0, 15_000],
  ] as const
  for (const [failures, random, expected] of table) {
    t.equal(backoffDelay(failures, backoff, random), expected, `${failures} failures, ${random}`)
  }
  const delay = backoffDelay(1, backoff)
  t.ok(delay >= 500 && delay < 1000)
  t.end()
})
