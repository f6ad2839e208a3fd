import t from 'tap'
import { createRepairLimit } from '../../../src/certificates/index.ts'

t.test('three repairs within a minute, then one a minute, until it stands for two', t => {
  let now = 0
  const limit = createRepairLimit(() => now)
  const write = (content: string): boolean => limit.wrote(content)
  t.equal(limit.wait(), 0)
  t.equal(write('a'), false, 'the first is no repair')
  now = 500
  t.equal(write('a'), false)
  now = 1_000
  t.equal(write('a'), false)
  now = 2_000
  t.equal(write('a'), true, 'told once')
  t.equal(limit.isBackedOff(), true)
  t.equal(limit.wait(), 60_000)
  now = 32_000
  t.equal(limit.wait(), 30_000)
  now = 62_000
  t.equal(limit.wait(), 0)
  t.equal(write('b'), false, 'a rotation goes on at the pace of the war')
  t.equal(limit.wait(), 60_000)
  now = 62_000 + 120_000
  t.equal(limit.isBackedOff(), true)
  now += 1
  t.equal(limit.isBackedOff(), false)
  t.equal(limit.wait(), 0)
  t.end()
})

t.test('no war: other content, and repairs that are far between', t => {
  let now = 0
  const limit = createRepairLimit(() => now)
  for (const content of ['a', 'b', 'c', 'd', 'e']) t.equal(limit.wrote(content), false)
  for (let at = 0; at < 10; at += 1) {
    now += 31_000
    t.equal(limit.wrote('e'), false)
  }
  t.end()
})
