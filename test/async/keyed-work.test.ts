import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { createKeyedMutex, createMutex } from '../../src/async/index.ts'

t.test('work on one key runs one after the other, also after a failure; other keys do not wait', async t => {
  const mutex = createKeyedMutex()
  const events: string[] = []
  const first = Promise.withResolvers<void>()
  const work = (name: string, until: Promise<void>) => async (): Promise<string> => {
    events.push(`${name} begins`)
    await until
    events.push(`${name} ends`)
    return name
  }
  const outcomes = [
    mutex.runExclusive('a', work('a1', first.promise)),
    mutex.runExclusive('a', work('a2', Promise.reject(new Error('a2 fails')))),
    mutex.runExclusive('a', work('a3', Promise.resolve())),
    mutex.runExclusive('b', work('b1', Promise.resolve())),
  ]
  await outcomes[3]
  t.same(events, ['a1 begins', 'b1 begins', 'b1 ends'])
  first.resolve()
  t.match(await Promise.allSettled(outcomes), [
    { value: 'a1' },
    { reason: { message: 'a2 fails' } },
    { value: 'a3' },
    { value: 'b1' },
  ])
  t.same(events.slice(3), ['a1 ends', 'a2 begins', 'a3 begins', 'a3 ends'])
})

t.test('a mutex runs one after the other, also after work that failed', async t => {
  const exclusive = createMutex()
  const order: string[] = []
  const work = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins`)
    await nextTurn()
    order.push(`${name} ends`)
    if (name === 'first') throw new Error('no')
  }
  const first = exclusive(work('first'))
  const second = exclusive(work('second'))
  await t.rejects(first, new Error('no'))
  await second
  t.strictSame(order, ['first begins', 'first ends', 'second begins', 'second ends'])
})
