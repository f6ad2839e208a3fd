import t from 'tap'

import { createQueue, type QueueLimits, type Start } from '../../../src/catalog/refresh/queue.ts'
import type { Urgency } from '../../../src/evaluation/index.ts'

const limits: QueueLimits = {
  atOnce: 4,
  atOncePerKey: 2,
  waiting: 20,
  waitingPerKey: 15,
  atOncePerNamespace: 1,
  waitingPerNamespace: { admission: 5, 'first-look-up': 3, refresh: Infinity },
}

/** Work that is added more than once. */
interface Named {
  readonly name: string
  readonly start: Start
}

/** A queue of work that goes on until it is told to end. */
function setUp(given: Partial<QueueLimits> = {}) {
  const queue = createQueue({ ...limits, ...given })
  const begun: string[] = []
  const running = new Map<string, () => void>()
  const startOf =
    (name: string): Start =>
    namespace =>
      new Promise(resolve => {
        begun.push(namespace === undefined ? name : `${name} of ${namespace}`)
        running.set(name, resolve)
      })
  const add = (named: string | Named, urgency: Urgency, namespace?: string) => {
    const { name, start } = typeof named === 'string' ? { name: named, start: startOf(named) } : named
    return queue.add(start, { key: name.split('/')[0] ?? '', urgency, namespace })
  }
  async function end(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      running.get(name)?.()
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other is what is tested
      await new Promise<void>(resolve => setImmediate(resolve))
    }
  }
  return { add, startOf, end, begun }
}

t.test('what waits is urgent first, and a key that is at its limit holds up no other', async t => {
  const { add, end, begun } = setUp()
  const said = [
    add('r/1', 'refresh'),
    add('r/2', 'refresh'),
    add('r/3', 'refresh'),
    add('r/4', 'first-look-up'),
    add('r/5', 'admission'),
    add('s/1', 'refresh'),
  ]
  t.strictSame(said, ['started', 'started', 'waiting', 'waiting', 'waiting', 'started'])
  await end('r/1', 'r/2', 's/1', 'r/5')
  t.strictSame(begun, ['r/1', 'r/2', 's/1', 'r/5', 'r/4', 'r/3'])
})

t.test(
  'a hundred of one namespace hold up no other: it keeps a place, and most of them do not even wait',
  async t => {
    const { add, end, begun } = setUp()
    const said = Array.from({ length: 100 }, (_, n) => add(`r/${n}`, 'first-look-up', 'a'))
    t.strictSame(said.slice(0, 5), ['started', 'waiting', 'waiting', 'waiting', 'namespace-full'])
    t.equal(said.filter(each => each === 'namespace-full').length, 96)
    t.equal(add('r/x', 'first-look-up', 'b'), 'started', 'at once')
    t.equal(add('r/y', 'first-look-up', 'b'), 'waiting')
    t.equal(add('r/z', 'first-look-up', 'c'), 'waiting')
    await end('r/x', 'r/0', 'r/y')
    t.strictSame(begun.slice(2), ['r/y of b', 'r/1 of a', 'r/z of c'])
  },
)

t.test('what is known has room of its own, and goes first', async t => {
  const { add, end, begun } = setUp()
  for (let n = 0; n < 10; n++) add(`r/${n}`, 'first-look-up', 'a')
  add('r/other', 'first-look-up', 'b')
  t.equal(add('r/known', 'admission', 'a'), 'waiting', 'though no more of those that are not may wait')
  t.equal(add('r/known of another', 'admission', 'c'), 'waiting')
  await end('r/other', 'r/0')
  t.strictSame(begun.slice(2), ['r/known of another of c', 'r/known of a'])
})

t.test('work that several wait for goes in the turn that comes first, once', async t => {
  const { add, startOf, end, begun } = setUp({ atOncePerKey: 1 })
  add('r/0', 'first-look-up', 'a')
  add('r/1', 'first-look-up', 'a')
  add('r/2', 'first-look-up', 'a')
  const shared = { name: 'r/shared', start: startOf('r/shared') }
  add(shared, 'first-look-up', 'a')
  add(shared, 'first-look-up', 'b')
  await end('r/0', 'r/1', 'r/shared', 'r/2')
  t.strictSame(begun, ['r/0 of a', 'r/1 of a', 'r/shared of b', 'r/2 of a'])
})

t.test('room is bounded, in all and for a key', async t => {
  const { add } = setUp({ waiting: 3, waitingPerKey: 2 })
  for (const name of ['r/1', 'r/2', 'r/3', 'r/4', 's/1', 's/2', 's/3'])
    t.not(add(name, 'refresh'), 'full', name)
  t.equal(add('r/5', 'refresh'), 'full')
  t.equal(add('s/4', 'refresh'), 'full')
})
