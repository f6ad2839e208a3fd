import t from 'tap'
import { createIntake, freeBytes } from '../../src/http/intake.ts'

const kib = 1024

function setUp() {
  let now = 0
  const evicted: string[] = []
  const intake = createIntake({ requests: 3, bytes: 1000 * kib, patience: 1000 }, () => now)
  const enter = (name: string) => {
    const place = intake.enter(() => void evicted.push(name))
    if (place === undefined) throw new Error(`no place for ${name}`)
    return place
  }
  return { intake, enter, evicted, pass: (milliseconds: number) => void (now += milliseconds) }
}

t.test('one request too many takes the place of the body that has been arriving for longest', async t => {
  const { intake, enter, evicted } = setUp()
  enter('a').received()
  const b = enter('b')
  enter('c')
  enter('d')
  t.strictSame(evicted, ['b'])
  b.leave()
  t.equal(intake.size(), 3)
  t.notOk(b.take(freeBytes + 1), 'what gave way gets no room')
})

t.test('where all are being answered there is no place', async t => {
  const { intake, enter, evicted } = setUp()
  const [first] = ['a', 'b', 'c'].map(name => {
    const place = enter(name)
    place.received()
    return place
  })
  t.equal(
    intake.enter(() => {}),
    undefined,
  )
  first?.leave()
  t.ok(intake.enter(() => {}))
  t.strictSame(evicted, [])
})

t.test('the first bytes of a body are free; the rest is there once for all', async t => {
  const { enter } = setUp()
  const [a, b, c] = [enter('a'), enter('b'), enter('c')]
  t.ok(a.take(freeBytes + 600 * kib))
  t.notOk(b.take(freeBytes + 401 * kib))
  t.ok(b.take(freeBytes + 400 * kib))
  t.ok(b.take(freeBytes + 400 * kib), 'room that is had already is not taken twice')
  t.ok(c.take(freeBytes), 'small bodies are kept out by no large ones')
  a.release()
  a.release()
  t.ok(c.take(freeBytes + 600 * kib))
  t.notOk(c.take(freeBytes + 601 * kib))
})

t.test('a body that has held room for long gives way to another; one that is there does not', async t => {
  const { enter, evicted, pass } = setUp()
  const received = enter('received')
  t.ok(received.take(freeBytes + 300 * kib))
  received.received()
  const slow = enter('slow')
  t.ok(slow.take(freeBytes + 700 * kib))
  pass(999)
  const other = enter('other')
  t.notOk(other.take(freeBytes + 500 * kib))
  t.strictSame(evicted, [])
  pass(1)
  t.ok(other.take(freeBytes + 500 * kib))
  t.strictSame(evicted, ['slow'])
  slow.release()
  slow.leave()
  t.notOk(other.take(freeBytes + 701 * kib), 'its room is given back once')
})
