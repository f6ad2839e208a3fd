import t from 'tap'

import { createQueue } from '../../src/catalog/queue.ts'

const limits = { atOnce: 2, atOncePerKey: 1, waiting: 3, waitingPerKey: 2 }

t.test('work that fails hands its turn on', async t => {
  const queue = createQueue(limits)
  const order: string[] = []
  const work = (name: string) => async () => {
    order.push(name)
    await Promise.resolve()
    if (name.startsWith('bad')) throw new Error(name)
    return name
  }
  const all = [
    queue.add('a', work('bad1')),
    queue.add('a', work('bad2')),
    queue.add('a', work('good')),
    queue.add('b', work('b')),
  ]
  t.equal(queue.add('a', work('no room')), undefined)
  t.same(
    (await Promise.allSettled(all.filter(work => work !== undefined))).map(outcome => outcome.status),
    ['rejected', 'rejected', 'fulfilled', 'fulfilled'],
  )
  t.same(order, ['bad1', 'b', 'bad2', 'good'])
})
