import { setImmediate as settled } from 'node:timers/promises'
import t from 'tap'

import { createFairTurns } from '../../src/async/index.ts'

const broken = (): Promise<string> => {
  throw new Error('at once')
}

t.test('work that throws at once is work that failed', async t => {
  const turns = createFairTurns(1)
  await t.rejects(turns.take('a', broken), { message: 'at once' })
  t.equal(await turns.take('a', async () => 'the next'), 'the next')
})

t.test('so much at a time, shares in turn, and a place for another', async t => {
  const turns = createFairTurns(2)
  const begun: string[] = []
  const running: (() => void)[] = []
  const take = (share: string, name: string) =>
    turns.take(share, async () => {
      begun.push(name)
      await new Promise<void>(resolve => running.push(resolve))
      if (name === 'a2') throw new Error('of its work')
      return name
    })
  const all = Promise.allSettled([
    take('a', 'a1'),
    take('a', 'a2'),
    take('a', 'a3'),
    take('b', 'b1'),
    take('c', 'c1'),
  ])
  t.strictSame(begun, ['a1', 'b1'])
  for (let n = 0; n < 5; n++) {
    running.shift()?.()
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other is what is tested
    await settled()
  }
  t.strictSame(begun, ['a1', 'b1', 'a2', 'c1', 'a3'])
  t.strictSame(
    (await all).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  )
})
