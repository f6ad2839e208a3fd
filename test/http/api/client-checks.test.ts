import fastify from 'fastify'
import t from 'tap'
import { checkClient } from '../../../src/http/api/client-checks.ts'
import { createRateLimits } from '../../../src/http/api/rate-limits.ts'

t.test('a client may send its rate at once, and then as many in a minute', async t => {
  let now = 0
  const limits = createRateLimits({ requestsPerMinute: 3, now: () => now })
  t.strictSame([limits.wait('a'), limits.take('a'), limits.take('a'), limits.take('a')], [0, 0, 0, 0])
  t.strictSame([limits.take('a'), limits.wait('a')], [20, 20], 'a third of a minute')
  t.equal(limits.take('b'), 0, 'each has its own')
  now = 15_000
  t.equal(limits.take('a'), 5)
  now = 20_000
  t.strictSame([limits.wait('a'), limits.take('a'), limits.take('a')], [0, 0, 20])
})

const rows: readonly (readonly [what: string, first: string, second: string, isOne: boolean])[] = [
  ['one address', '192.0.2.1', '192.0.2.1', true],
  ['two addresses', '192.0.2.1', '192.0.2.2', false],
  ['one network of IPv6', '2001:db8:1:2::5', '2001:db8:1:2:ffff::1', true],
  ['two networks of IPv6', '2001:db8:1:2::5', '2001:db8:1:3::5', false],
  ['two addresses of IPv4, written as IPv6', '::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ['networks with zeros in them', '2001:db8::1', '2001:db8:0:1::1', false],
  ['one network with zeros in it, in two spellings', '2001:db8::1', '2001:db8:0:0:5::1', true],
  ['the loopback address and another', '::1', '2001:db8::1', false],
]

t.test('what counts as one client where nothing but the address is known', async t => {
  for (const [what, first, second, isOne] of rows) {
    const app = fastify()
    const limits = createRateLimits({ requestsPerMinute: 1, now: () => 0 })
    app.addHook('onRequest', checkClient({ requestsPerMinute: 1, limits }))
    app.get('/images/nginx', async () => 'ok')
    const ask = async (remoteAddress: string): Promise<number> =>
      (await app.inject({ url: '/images/nginx', remoteAddress })).statusCode
    t.strictSame([await ask(first), await ask(second)], [200, isOne ? 429 : 200], what)
    await app.close()
  }
})
