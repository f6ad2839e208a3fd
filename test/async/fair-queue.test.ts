import { setImmediate as settled } from 'node:timers/promises'
import * as fc from 'fast-check'
import t from 'tap'
import { createFairQueue, createFairTurns, type FairQueue, type Share } from '../../src/async/index.ts'

const ranks = ['known', 'first', 'refresh'] as const
type Rank = (typeof ranks)[number]

const queueOf = (items: readonly (readonly [item: string, rank: Rank, share: Share, ahead?: boolean])[]) => {
  const queue = createFairQueue<string, Rank>(ranks)
  for (const [item, rank, share, ahead = false] of items) queue.add(item, { rank, share, ahead })
  return queue
}

function all(queue: FairQueue<string, Rank>, mayGo: (share: Share) => boolean = () => true): string {
  const taken: string[] = []
  for (let next = queue.take(mayGo); next !== undefined; next = queue.take(mayGo)) taken.push(next.item)
  return taken.join(' ')
}

t.test('shares take turns, and within a share the first goes first', async t => {
  const queue = queueOf([
    ['a1', 'first', 'a'],
    ['a2', 'first', 'a'],
    ['a3', 'first', 'a'],
    ['b1', 'first', 'b'],
    ['b2', 'first', 'b'],
    ['c1', 'first', 'c'],
  ])
  t.equal(queue.size(), 6)
  t.equal(queue.waiting('first', 'a'), 3)
  t.equal(queue.waiting('known', 'a'), 0)
  t.equal(all(queue), 'a1 b1 c1 a2 b2 a3')
  t.equal(queue.size(), 0)
  t.equal(queue.waiting('first', 'a'), 0)
})

t.test('one that comes late waits for one of each other share', async t => {
  const queue = createFairQueue<string, Rank>(ranks)
  for (let n = 0; n < 100; n++) queue.add(`a${n}`, { rank: 'first', share: 'a' })
  t.strictSame(
    queue.take(() => true),
    { item: 'a0', share: 'a' },
  )
  queue.add('b0', { rank: 'first', share: 'b' })
  t.match([queue.take(() => true), queue.take(() => true)], [{ item: 'a1' }, { item: 'b0', share: 'b' }])
})

t.test('what is begun goes ahead within its share only', async t => {
  const queue = queueOf([
    ['a1', 'first', 'a'],
    ['b1', 'first', 'b'],
    ['a2', 'first', 'a', true],
    ['a3', 'first', 'a', true],
  ])
  t.equal(all(queue), 'a2 b1 a3 a1')
})

const items = (rank: Rank, count: number) =>
  Array.from({ length: count }, (_, n) => [`${rank[0]}${n}`, rank, undefined] as const)

t.test('ranks go in their order, and none waits for ever', async t => {
  t.equal(
    all(queueOf([...items('refresh', 2), ...items('first', 2), ...items('known', 2)])),
    'k0 k1 f0 f1 r0 r1',
  )
  const flooded = queueOf([...items('refresh', 3), ...items('first', 3), ...items('known', 12)])
  t.equal(all(flooded), 'k0 k1 k2 k3 f0 r0 k4 k5 k6 k7 f1 r1 k8 k9 k10 k11 f2 r2')
})

const free = (share: Share): boolean => share !== 'a'

t.test('a share that may not go holds up no other', async t => {
  const queue = queueOf([
    ['a1', 'known', 'a'],
    ['b1', 'first', 'b'],
    ['c1', 'refresh', undefined],
  ])
  t.equal(all(queue, free), 'b1 c1')
  t.equal(queue.take(free), undefined)
  t.match(
    queue.take(() => true),
    { item: 'a1' },
  )
})

t.test('an item in several places goes once, from the first that comes up', async t => {
  const queue = queueOf([
    ['a1', 'first', 'a'],
    ['a2', 'first', 'a'],
    ['shared', 'first', 'a'],
    ['shared', 'first', 'b'],
  ])
  t.equal(queue.size(), 3)
  t.equal(all(queue), 'a1 shared a2')
  t.equal(queue.waiting('first', 'b'), 0)
})

t.test('what is removed does not go', async t => {
  const queue = queueOf([
    ['a1', 'first', 'a', true],
    ['a2', 'first', 'a'],
    ['b1', 'known', 'b'],
  ])
  for (const item of ['a1', 'b1', 'unheard of']) queue.remove(item)
  t.equal(all(queue), 'a2')
})

t.test('everything goes exactly once, and of one share and rank in its order', async () => {
  const items = fc.array(
    fc.record({ rank: fc.constantFrom(...ranks), share: fc.constantFrom(undefined, 'a', 'b') }),
  )
  const property = fc.property(items, places => {
    const queue = createFairQueue<number, Rank>(ranks)
    for (const [n, place] of places.entries()) queue.add(n, place)
    const taken = places.map(() => queue.take(() => true)?.item)
    if (new Set(taken).size !== places.length || queue.size() !== 0) return false
    const placeOf = (n: number | undefined): string => JSON.stringify(places[n ?? -1])
    return taken.every((n, at) =>
      taken.slice(0, at).every(m => placeOf(m) !== placeOf(n) || (m ?? 0) < (n ?? 0)),
    )
  })
  fc.assert(property)
})

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
