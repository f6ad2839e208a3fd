import t from 'tap'

import { createQueue } from '../../src/catalog/queue.ts'

const limits = { atOnce: 2, atOncePerKey: 1, waiting: 3, waitingPerKey: 2 }

t.test('work that fails hands its turn on', async t => {
  const queue = createQueue(limits)
  const order: string[] = []
  const work = (key: string, name: string, urgent = false) => ({
    key,
    urgent,
    async start() {
      order.push(name)
      await Promise.resolve()
      if (name.startsWith('bad')) throw new Error(name)
      return name
    },
  })
  const all = [
    queue.add(work('a', 'bad1')),
    queue.add(work('a', 'bad2')),
    queue.add(work('a', 'good', true)),
    queue.add(work('b', 'b')),
  ]
  t.equal(queue.add(work('a', 'no room')), undefined)
  t.same(
    (await Promise.allSettled(all.filter(work => work !== undefined))).map(outcome => outcome.status),
    ['rejected', 'rejected', 'fulfilled', 'fulfilled'],
  )
  t.same(order, ['bad1', 'b', 'good', 'bad2'])
})
