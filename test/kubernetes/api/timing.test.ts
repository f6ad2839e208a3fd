import t from 'tap'
import { backoffDelay, createRateLimiter } from '../../../src/kubernetes/api/timing.ts'

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

/** What is waited before each request, where the clock says so as it is asked for. */
async function waits(clock: readonly number[]): Promise<readonly number[]> {
  const slept: number[] = []
  let now = 0
  const wait = createRateLimiter(
    { perSecond: 10, now: () => now, sleep: async milliseconds => void slept.push(milliseconds) },
    new AbortController().signal,
  )
  for (const instant of clock) {
    now = instant
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
    await wait()
  }
  return slept
}

t.test('requests begin at a rate', async t => {
  t.strictSame(await waits([5_000, 5_100, 5_900]), [], 'as seldom as they may')
  t.strictSame(await waits([5_000, 5_000, 5_150]), [100, 50])
  t.strictSame(await waits([500_000, 1_000]), [1_000], 'a clock that was set back')
})
