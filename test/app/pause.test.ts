import t from 'tap'
import { pause } from '../../src/app/pause.ts'

t.test('never ends before its time by the wall clock', async t => {
  for (let round = 0; round < 20; round++) {
    const end = Date.now() + 3
    await pause(3, new AbortController().signal)
    t.ok(Date.now() >= end)
  }
})

t.test('a clock that was put forward ends it', async t => {
  const { now } = Date
  t.teardown(() => (Date.now = now))
  let ahead = 0
  Date.now = () => now() + ahead
  const done = pause(5, new AbortController().signal)
  ahead = 86_400_000
  await done
  t.pass()
})

t.test('an abort ends it at once', async t => {
  const aborting = new AbortController()
  const done = pause(86_400_000, aborting.signal)
  aborting.abort()
  await done
  await pause(86_400_000, aborting.signal)
  t.pass()
})

t.test('no time at all', async t => {
  await pause(0, new AbortController().signal)
  await pause(-5, new AbortController().signal)
  t.pass()
})
