import { setImmediate as settled } from 'node:timers/promises'

import t from 'tap'

import { createBroker, type RequestEvent } from '../../../src/registry/broker/broker.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistryRequest } from '../../../src/registry/transport/send.ts'
import {
  brokerOf,
  errorOf,
  registryOf,
  requestOf,
  responseOf,
  sendOf,
} from '../../support/registry/broker-fixture.ts'
import { memoryRegistry, never } from '../../support/registry/registry-fixture.ts'
import { virtualTime } from '../../support/virtual-time.ts'

const start = Date.UTC(2026, 10, 21, 12, 0, 0)
const registry = registryOf({ host: 'example.com' })
const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
const unavailable = (cause?: Error): RegistryError =>
  new RegistryError('unavailable', 'it closed the connection', { next: 'later', cause })

type Given = number | Error
type More = Partial<Pick<RegistryRequest, 'method' | 'urgency'>>

// Asked again: after what passes, three times, an admission once; never what may have been done.
const rows: readonly (readonly [
  string,
  More,
  given: readonly Given[],
  sent: number,
  end: number | string,
])[] = [
  ['all is well', {}, [200], 1, 200],
  ['it passes', {}, [503, 500, 200], 3, 200],
  ['it passes at last', {}, [502, 504, 500, 200], 4, 200],
  ['it does not pass', {}, [500, 500, 500, 500, 200], 4, 500],
  ['it closes the connection', {}, [unavailable(reset), 200], 2, 200],
  ['it goes on closing', {}, [reset, reset, reset, reset, 200].map(wrapped), 4, 'it closed the connection'],
  ['HEAD', { method: 'HEAD' }, [500, 200], 2, 200],
  ['POST', { method: 'POST' }, [500, 200], 1, 500],
  ['an admission', { urgency: 'admission' }, [500, 200], 2, 200],
  ['an admission, twice', { urgency: 'admission' }, [500, 500, 200], 2, 500],
  ['not implemented', {}, [501, 200], 1, 501],
  ['unauthorized', {}, [401, 200], 1, 401],
  ['forbidden', {}, [403, 200], 1, 403],
  ['gone', {}, [404, 200], 1, 404],
  ['refused', {}, [unavailable(refused), 200], 1, 'it closed the connection'],
  ['refused, nobody knows how', {}, [unavailable(new Error('odd')), 200], 1, 'it closed the connection'],
  ['too slow', {}, [unavailable(), 200], 1, 'it closed the connection'],
  ['rate limit', {}, [429, 200], 1, 'the registry asked to wait until 2026-11-21T12:01:00.000Z'],
]

function wrapped(given: Given): Given {
  return typeof given === 'number' ? given : unavailable(given)
}

function hostOf(given: readonly Given[]) {
  const sentAt: number[] = []
  const transport = sendOf(request => {
    const next = given[sentAt.length] ?? 200
    sentAt.push(Date.now())
    if (typeof next !== 'number') throw next
    return responseOf(request, next)
  })
  return { broker: createBroker(transport, { now: Date.now, elapsed: Date.now }), sentAt }
}

t.test('what is asked again', async t => {
  for (const [name, more, given, sent, end] of rows)
    await t.test(name, async t => {
      const time = virtualTime(t, start)
      const { broker, sentAt } = hostOf(given)
      const outcome = broker.send(requestOf(registry, 'a', more), never).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof Error ? error.message : error),
      )
      await time.advance(more.urgency === 'admission' ? 105 : 3_505)
      t.equal(await outcome, end)
      t.equal(sentAt.length, sent)
    })
})

t.test('no two come together: the waits differ, and grow', async t => {
  const time = virtualTime(t, start)
  const waits: number[][] = []
  for (let n = 0; n < 20; n++) {
    const { broker, sentAt } = hostOf([500, 500, 500, 500])
    const sent = broker.send(requestOf(registry, 'a'), never)
    await time.advance(3_600)
    await sent
    waits.push(sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0)))
  }
  const most = [500, 1_000, 2_000].map(limit => limit + 5)
  for (const row of waits) row.forEach((wait, index) => t.ok(wait <= (most[index] ?? 0)))
  t.ok(new Set(waits.map(([first]) => first)).size > 5)
})

t.test('who gives up during the wait leaves at once', async t => {
  const time = virtualTime(t, start)
  const { broker, sentAt } = hostOf([500, 200])
  const controller = new AbortController()
  const sent = broker.send(requestOf(registry, 'a'), controller.signal)
  await settled()
  controller.abort(new Error('gave up'))
  await t.rejects(sent, new Error('gave up'))
  await time.advance(1_000)
  t.equal(sentAt.length, 1)
})

t.test('503 with Retry-After is asked again then, by nobody sooner', async t => {
  const server = await memoryRegistry(t, { repositories: { a: ['1'] } })
  const remote = registryOf({ host: server.host, insecure: true })
  let now = start
  const { broker } = brokerOf(t, { now: () => now })
  server.misbehave(() => ({ status: 503, headers: { 'retry-after': '30' } }))
  const error = await errorOf(broker.send(requestOf(remote, 'a'), never))
  t.equal(error.code, 'unavailable')
  t.equal(error.message, 'the registry is out of service until 2026-11-21T12:00:30.000Z')
  t.equal(error.retryAt, start + 30_000)
  server.misbehave(undefined)
  now += 29_999
  t.match(await errorOf(broker.send(requestOf(remote, 'a', { account: 'another' }), never)), {
    code: 'unavailable',
    retryAt: start + 30_000,
  })
  t.equal(server.requests.length, 1)
  now += 1
  t.equal((await broker.send(requestOf(remote, 'a'), never)).status, 200)
})

t.test('what is told of each request', async t => {
  const server = await memoryRegistry(t, { repositories: { a: ['1'] } })
  const remote = registryOf({ host: server.host, insecure: true })
  const urgent = { urgency: 'admission', method: 'POST' } as const
  const cases: readonly (readonly [Parameters<typeof server.misbehave>[0], More, RequestEvent['outcome']])[] =
    [
      [undefined, {}, 'ok'],
      [() => ({ status: 304 }), {}, 'unchanged'],
      [() => ({ status: 307 }), {}, 'redirected'],
      [() => ({ status: 401 }), {}, 'challenged'],
      [() => ({ status: 403 }), {}, 'unauthorized'],
      [() => ({ status: 404 }), {}, 'not-found'],
      [() => ({ status: 418 }), {}, 'invalid'],
      [() => ({ status: 429 }), {}, 'rate-limited'],
      [() => ({ status: 500 }), urgent, 'server-error'],
      [() => ({ pace: 'cut' }), urgent, 'unreachable'],
      [() => ({ pace: 'never' }), {}, 'timeout'],
      [() => ({ body: 'x'.repeat(200_000) }), {}, 'invalid'],
    ]
  for (const [misbehaviour, more, outcome] of cases) {
    const { broker, events } = brokerOf(t, { limits: outcome === 'timeout' ? { requestTimeout: 150 } : {} })
    server.misbehave(misbehaviour)
    await broker.send(requestOf(remote, 'a', more), never).catch(() => undefined)
    const { method = 'GET' } = more
    t.match(events, [{ registry: server.host, outcome, method, purpose: 'tags' }], outcome)
    t.ok((events[0]?.milliseconds ?? -1) >= 0)
  }
  const { broker, events } = brokerOf(t)
  server.misbehave(() => ({ status: 401 }))
  await broker.send(requestOf(remote, 'a', { authorization: 'Bearer x' }), never)
  t.match(events, [{ outcome: 'unauthorized' }], 'credentials were sent')
})

t.test('a fault of ours is no fault of the host', async t => {
  const events: RequestEvent[] = []
  const transport = sendOf(() => {
    throw new TypeError('a mistake')
  })
  const broker = createBroker(transport, {
    now: Date.now,
    elapsed: Date.now,
    onRequest: event => void events.push(event),
  })
  for (let n = 0; n < 6; n++)
    await t.rejects(broker.send(requestOf(registry, 'a'), never), new TypeError('a mistake'))
  t.match(new Set(events.map(({ outcome }) => outcome)), new Set(['error']))
  const unheard = createBroker(
    sendOf(request => responseOf(request, 200)),
    {
      now: Date.now,
      elapsed: Date.now,
      onRequest() {
        throw new RangeError('a listener')
      },
    },
  )
  await t.rejects(unheard.send(requestOf(registry, 'a'), never), new RangeError('a listener'))
  const address = sendOf(() => {
    throw new RegistryError('not-allowed', 'a private address', { next: '' })
  })
  const careful = createBroker(address, { now: Date.now, elapsed: Date.now })
  for (let n = 0; n < 6; n++)
    t.match(await errorOf(careful.send(requestOf(registry, 'a'), never)), { code: 'not-allowed' })
})
