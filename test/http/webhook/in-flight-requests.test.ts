import t from 'tap'
import { createInFlightRequests, freeBytes } from '../../../src/http/webhook/in-flight-requests.ts'

const kib = 1024

function setUp() {
  let now = 0
  const evicted: string[] = []
  const requests = createInFlightRequests({ requests: 3, bytes: 1000 * kib, patience: 1000 }, () => now)
  const enter = (name: string) => {
    const place = requests.begin(() => void evicted.push(name))
    if (place === undefined) throw new Error(`no place for ${name}`)
    return place
  }
  return { requests, enter, evicted, pass: (milliseconds: number) => void (now += milliseconds) }
}

t.test('one request too many takes the place of the body that has been arriving for longest', async t => {
  const { requests, enter, evicted } = setUp()
  enter('a').received()
  const b = enter('b')
  enter('c')
  enter('d')
  t.strictSame(evicted, ['b'])
  b.end()
  t.equal(requests.size(), 3)
  t.notOk(b.reserve(freeBytes + 1), 'what gave way gets no room')
})

t.test('where all are being answered there is no place', async t => {
  const { requests, enter, evicted } = setUp()
  const [first] = ['a', 'b', 'c'].map(name => {
    const place = enter(name)
    place.received()
    return place
  })
  t.equal(
    requests.begin(() => {}),
    undefined,
  )
  first?.end()
  t.ok(requests.begin(() => {}))
  t.strictSame(evicted, [])
})

t.test('the first bytes of a body are free; the rest is there once for all', async t => {
  const { enter } = setUp()
  const [a, b, c] = [enter('a'), enter('b'), enter('c')]
  t.ok(a.reserve(freeBytes + 600 * kib))
  t.notOk(b.reserve(freeBytes + 401 * kib))
  t.ok(b.reserve(freeBytes + 400 * kib))
  t.ok(b.reserve(freeBytes + 400 * kib), 'room that is had already is not taken twice')
  t.ok(c.reserve(freeBytes), 'small bodies are kept out by no large ones')
  a.release()
  a.release()
  t.ok(c.reserve(freeBytes + 600 * kib))
  t.notOk(c.reserve(freeBytes + 601 * kib))
})

t.test('a body that has held room for long gives way to another; one that is there does not', async t => {
  const { enter, evicted, pass } = setUp()
  const received = enter('received')
  t.ok(received.reserve(freeBytes + 300 * kib))
  received.received()
  const slow = enter('slow')
  t.ok(slow.reserve(freeBytes + 700 * kib))
  pass(999)
  const other = enter('other')
  t.notOk(other.reserve(freeBytes + 500 * kib))
  t.strictSame(evicted, [])
  pass(1)
  t.ok(other.reserve(freeBytes + 500 * kib))
  t.strictSame(evicted, ['slow'])
  slow.release()
  slow.end()
  t.notOk(other.reserve(freeBytes + 701 * kib), 'its room is given back once')
})
