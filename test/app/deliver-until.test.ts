import t from 'tap'
import { deliverUntil } from '../../src/app/deliver-until.ts'

const minute = 60_000

/** At which minutes it is tried again within so many, where the channel takes the message at the nth attempt. */
async function attempts(minutes: number, taken: number): Promise<readonly number[]> {
  let now = 0
  const tried: number[] = []
  const undelivered = {
    hasUndelivered: () => tried.length < taken,
    deliver: async () => void tried.push(now / minute),
  }
  const pause = async (milliseconds: number): Promise<void> => void (now += milliseconds)
  await deliverUntil(minutes * minute, { undelivered, now: () => now, pause }, new AbortController().signal)
  t.equal(now, minutes * minute)
  return tried
}

t.test('what waits is tried again, more and more seldom', async t => {
  t.strictSame(await attempts(60, 0), [], 'nothing waits')
  t.strictSame(await attempts(60, 1), [0.5])
  t.strictSame(await attempts(10, 99), [0.5, 1.5, 3.5, 7.5])
  t.strictSame((await attempts(24 * 60, 99)).slice(-2), [1381.5, 1411.5], 'every half hour at least')
  t.strictSame(await attempts(0.1, 99), [], 'the next cycle comes first')
})

t.test('an abort ends it', async t => {
  const aborting = new AbortController()
  const undelivered = {
    hasUndelivered: () => true,
    deliver: async () => void t.fail('not the leader any more'),
  }
  const pause = async (): Promise<void> => aborting.abort()
  await deliverUntil(minute, { undelivered, now: () => 0, pause }, aborting.signal)
  t.ok(aborting.signal.aborted)
})
