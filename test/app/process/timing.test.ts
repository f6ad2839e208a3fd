import t from 'tap'
import { createSchedule, pause } from '../../../src/app/process/timing.ts'

const byCron = (cron: string, timeZone = 'UTC') =>
  createSchedule({ cron, timeZone, intervalMinutes: 60, random: () => 0 })
const instant = (text: string): number => Date.parse(text)

const times: readonly (readonly [
  cron: string,
  timeZone: string,
  after: string,
  next: string,
  why: string,
])[] = [
  ['0 6 * * *', 'UTC', '2026-03-01T05:59:59.999Z', '2026-03-01T06:00:00.000Z', 'a millisecond before'],
  ['0 6 * * *', 'UTC', '2026-03-01T06:00:00.000Z', '2026-03-02T06:00:00.000Z', 'at the time itself'],
  ['0 6 * * *', 'UTC', '2026-03-01T06:00:00.400Z', '2026-03-02T06:00:00.000Z', 'right after it'],
  ['0 6 * * 1-5', 'UTC', '2026-03-06T07:00:00Z', '2026-03-09T06:00:00.000Z', 'over a weekend'],
  ['0 6 * * *', 'Europe/Berlin', '2026-03-01T00:00:00Z', '2026-03-01T05:00:00.000Z', 'winter in Berlin'],
  [
    '0 6 * * *',
    'Europe/Berlin',
    '2026-03-28T06:00:00Z',
    '2026-03-29T04:00:00.000Z',
    'the first day of summer',
  ],
  [
    '0 6 * * *',
    'Europe/Berlin',
    '2026-10-24T05:00:00Z',
    '2026-10-25T05:00:00.000Z',
    'the first day of winter',
  ],
  // Its 2:30 does not exist, so it comes when clocks are put forward, and not a day late.
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z', 'a time left out'],
  [
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00:00Z',
    '2026-10-25T00:30:00.000Z',
    'a time that is there twice',
  ],
  ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00.000Z', 'comes once'],
  [
    '0 * * * *',
    'Europe/Berlin',
    '2026-10-25T00:00:00Z',
    '2026-10-25T01:00:00.000Z',
    'every hour, also the second',
  ],
  ['0 0 1 * *', 'UTC', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00.000Z', 'longer than any timer'],
  ['0 0 30 2 *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z', 'never: a look a day'],
]

for (const [cron, timeZone, after, next, why] of times)
  t.test(`${cron} in ${timeZone}: ${why}`, t => {
    t.equal(new Date(byCron(cron, timeZone).next(instant(after))).toISOString(), next)
    t.end()
  })

const hourly = (random: number): number =>
  createSchedule({ cron: undefined, timeZone: 'UTC', intervalMinutes: 60, random: () => random }).next(0)

t.test('an interval is a twentieth shorter or longer at most', t => {
  t.equal(hourly(0), 57 * 60_000)
  t.equal(hourly(0.5), 60 * 60_000)
  t.equal(hourly(1), 63 * 60_000)
  t.end()
})

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
