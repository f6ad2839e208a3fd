import t from 'tap'
import { createPace } from '../../../src/kubernetes/api/pace.ts'

/** What is waited before each request, where the clock says so as it is asked for. */
async function waits(clock: readonly number[]): Promise<readonly number[]> {
  const slept: number[] = []
  let now = 0
  const wait = createPace(
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

t.test('requests begin at a pace', async t => {
  t.strictSame(await waits([5_000, 5_100, 5_900]), [], 'as seldom as they may')
  t.strictSame(await waits([5_000, 5_000, 5_150]), [100, 50])
  t.strictSame(await waits([500_000, 1_000]), [1_000], 'a clock that was set back')
})
