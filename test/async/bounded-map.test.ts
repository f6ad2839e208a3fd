import t from 'tap'
import { createBoundedMap, createExpiringMap } from '../../src/async/index.ts'
import { memoryOf } from '../support/memory-in-use.ts'

t.test('an entry is there until its time has come', async t => {
  let now = 0 // epoch milliseconds; lru-cache takes a start of 0 for none
  const map = createExpiringMap<string>({ max: 3, now: () => now })
  map.set('a', 'one', 10)
  now = 9
  t.equal(map.get('a'), 'one')
  t.same(map.values(), ['one'])
  now = 10
  t.same(map.values(), [])
  t.equal(map.get('a'), undefined)
})

t.test('a time that has come, and a deletion, forget', async t => {
  const map = createExpiringMap<string>({ max: 3, now: () => 100 })
  map.set('a', 'one', 200)
  map.set('a', 'two', 100)
  t.equal(map.get('a'), undefined)
  map.set('b', 'one', 200)
  map.delete('b')
  t.equal(map.get('b'), undefined)
})

t.test('where there are too many, what was used longest ago goes', async t => {
  const map = createExpiringMap<string>({ max: 2, now: () => 0 })
  map.set('a', 'a', 10)
  map.set('b', 'b', 10)
  map.get('a')
  map.set('c', 'c', 10)
  t.equal(map.get('b'), undefined)
  t.same(map.values().toSorted(), ['a', 'c'])
})

t.test('a bound takes no memory: there are maps of 20,000 entries that hold one', async t => {
  const bytes = memoryOf(() => Array.from({ length: 100 }, () => createBoundedMap<string>(20_000)))
  t.ok(bytes < 100 * 10_000, `${bytes / 100} bytes each`)
})

t.test('what goes is disposed of', async t => {
  const gone: string[] = []
  const map = createBoundedMap<string>(1, { dispose: value => void gone.push(value) })
  map.set('a', 'one')
  map.set('b', 'two')
  t.strictSame([map.get('a'), map.get('b'), gone], [undefined, 'two', ['one']])
})
