import t from 'tap'
import { createLatest } from '../../src/async/index.ts'

/** Work whose attempts end when the test says so. */
function setUp() {
  const ending = new AbortController()
  const begun: string[] = []
  const pauses: number[] = []
  const ends: ((isDone: boolean) => void)[] = []
  const superseded: (() => boolean)[] = []
  const pausing: (() => void)[] = []
  const latest = createLatest<string>({
    work(item, isSuperseded) {
      begun.push(item)
      superseded.push(isSuperseded)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      ends.push(resolve)
      return promise
    },
    pause(milliseconds, signal) {
      pauses.push(milliseconds)
      const { promise, resolve } = Promise.withResolvers<void>()
      pausing.push(resolve)
      signal.addEventListener('abort', () => resolve())
      return promise
    },
    retryAfter: 60_000,
    signal: ending.signal,
  })
  const end = async (isDone = true): Promise<void> => {
    ends.shift()?.(isDone)
    await settle()
  }
  return { latest, begun, pauses, superseded, ending, end, endPause: () => pausing.pop()?.() }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

t.test('of what comes meanwhile only the last is worked on, and the work under way learns of it', async t => {
  const { latest, begun, superseded, end } = setUp()
  t.equal(latest.isIdle(), true)
  latest.give('a')
  t.equal(latest.isIdle(), false)
  t.equal(superseded[0]?.(), false)
  for (const item of ['b', 'c', 'd']) latest.give(item)
  t.equal(superseded[0]?.(), true)
  t.strictSame(begun, ['a'])
  await end()
  t.strictSame(begun, ['a', 'd'])
  await end()
  t.equal(latest.isIdle(), true)
  latest.give('e')
  t.strictSame(begun, ['a', 'd', 'e'])
  await end()
  await latest.ended()
})

t.test('what failed is done again a while later', async t => {
  const { latest, begun, pauses, end, endPause } = setUp()
  latest.give('a')
  await end(false)
  t.strictSame([begun, pauses], [['a'], [60_000]])
  endPause()
  await settle()
  t.strictSame(begun, ['a', 'a'])
  await end(false)
  latest.give('b')
  await settle()
  t.strictSame(begun, ['a', 'a', 'b'], 'a newer one does not wait')
  await end()
  t.equal(latest.isIdle(), true)
})

t.test('once it is over nothing begins', async t => {
  const { latest, begun, ending, end } = setUp()
  latest.give('a')
  latest.give('b')
  ending.abort()
  await end(false)
  await latest.ended()
  latest.give('c')
  t.strictSame(begun, ['a'])
  t.equal(latest.isIdle(), true)
})

t.test('who waits for the end learns what went wrong', async t => {
  const latest = createLatest<string>({
    work: () => Promise.reject(new Error('broken')),
    pause: () => Promise.resolve(),
    retryAfter: 1,
    signal: new AbortController().signal,
  })
  latest.give('a')
  await settle()
  await t.rejects(latest.ended(), { message: 'broken' })
})

for (const depth of [0, 1, 2, 3, 4, 5, 6, 7, 8])
  t.test(`what is given ${depth} microtasks after the work ended is worked on`, async t => {
    const { latest, begun, end } = setUp()
    latest.give('a')
    void end()
    // oxlint-disable-next-line eslint/no-await-in-loop -- one microtask after the other
    for (let passed = 0; passed < depth; passed += 1) await Promise.resolve()
    latest.give('b')
    await settle()
    t.strictSame(begun, ['a', 'b'])
    await end()
    t.equal(latest.isIdle(), true)
  })

t.test('what waits while the work throws is worked on', async t => {
  const begun: string[] = []
  const failing = Promise.withResolvers<boolean>()
  const latest = createLatest<string>({
    work(item) {
      begun.push(item)
      return item === 'a' ? failing.promise : Promise.resolve(true)
    },
    pause: () => Promise.resolve(),
    retryAfter: 1,
    signal: new AbortController().signal,
  })
  latest.give('a')
  latest.give('b')
  failing.reject(new Error('broken'))
  await t.rejects(latest.ended(), { message: 'broken' })
  t.strictSame(begun, ['a', 'b'])
  t.equal(latest.isIdle(), true)
})
