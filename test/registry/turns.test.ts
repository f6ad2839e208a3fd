import t from 'tap'

import { createTurns } from '../../src/registry/turns.ts'
import { never } from '../support/registry-fixture.ts'

t.test('turns go in order, each key has its own, and who gives up leaves the line', async t => {
  const turns = createTurns(1)
  const order: string[] = []
  const first = await turns.take('a', never)
  const other = await turns.take('b', never)
  const controller = new AbortController()
  const impatient = turns.take('a', controller.signal).catch((error: unknown) => order.push(String(error)))
  const second = turns.take('a', never).then(handOn => {
    order.push('second')
    return handOn
  })
  controller.abort('gave up')
  await impatient
  first()
  const handOn = await second
  handOn()
  other()
  const again = await turns.take('a', never)
  again()
  t.same(order, ['gave up', 'second'])
  await t.rejects(turns.take('a', AbortSignal.abort(new Error('too late'))), new Error('too late'))
})
