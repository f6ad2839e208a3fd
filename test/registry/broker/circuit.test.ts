import { setImmediate as settled } from 'node:timers/promises'

import t from 'tap'

import { createBroker } from '../../../src/registry/broker/broker.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistryResponse } from '../../../src/registry/response/response.ts'
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
import { virtualClock } from '../../support/virtual-time.ts'

const start = Date.UTC(2026, 10, 21, 12, 0, 0)
const second = 1_000

t.test('a repository that fails five times in a row is left alone, and no other', async t => {
  const clock = virtualClock(t, start)
  const failing = await memoryRegistry(t, { repositories: { a: ['1'], b: ['1'] } })
  const registry = registryOf({ host: failing.host, insecure: true })
  const { broker } = brokerOf(t)
  failing.misbehave(({ path }) => (path.includes('/a/') ? { status: 502 } : undefined))
  const admission = { urgency: 'admission', repository: 'a' } as const
  const refresh = { repository: 'a' }

  t.equal((await broker.send(requestOf(registry, 'a', admission), never)).status, 502)
  t.equal((await broker.send(requestOf(registry, 'a', admission), never)).status, 502)
  t.equal(broker.coolDown(registry, refresh), undefined, 'four failures are not five')
  const fifth = await errorOf(broker.send(requestOf(registry, 'a', admission), never))
  t.equal(fifth.code, 'unavailable')
  const { retryAt = 0 } = fifth
  t.ok(retryAt > start + 2.5 * second && retryAt <= start + 5 * second + 1, 'half of 5 s to 5 s')
  const until = new Date(retryAt).toISOString()
  t.equal(
    fifth.message,
    `the registry failed 5 times in a row for this repository (it answered 502) and is not asked for it before ${until}`,
  )
  t.equal(fifth.next, 'it is asked again then')
  t.match(broker.coolDown(registry, refresh), { code: 'unavailable', retryAt })
  t.equal(broker.coolDown(registry), undefined)
  t.strictSame(broker.circuits(), [{ registry: failing.host, position: 'closed' }])

  clock.setClock(retryAt - 1)
  t.match(await errorOf(broker.send(requestOf(registry, 'a', refresh), never)), { retryAt })
  t.equal(failing.requests.length, 5, 'no request while it is open')
  t.equal((await broker.send(requestOf(registry, 'b', { repository: 'b' }), never)).status, 200)

  clock.setClock(retryAt)
  failing.misbehave(undefined)
  t.equal(broker.coolDown(registry, refresh), undefined)
  t.equal((await broker.send(requestOf(registry, 'a', refresh), never)).status, 200)
  t.equal(failing.requests.length, 7)
})

t.test('any number of broken repositories leaves a host open to the others', async t => {
  virtualClock(t, start)
  const server = await memoryRegistry(t, { repositories: { sound: ['1'] } })
  const registry = registryOf({ host: server.host, insecure: true })
  const { broker } = brokerOf(t)
  server.misbehave(({ path }) => (path.includes('/sound/') ? undefined : { status: 502 }))
  const admission = { urgency: 'admission', namespace: 'a' } as const
  for (let n = 0; n < 5; n++)
    await Promise.allSettled(
      Array.from({ length: 6 }, () =>
        broker.send(requestOf(registry, `broken/${n}`, { ...admission, repository: `broken/${n}` }), never),
      ),
    )
  t.ok(server.requests.length <= 5 * 8, 'each is left alone')
  t.match(broker.circuits(), [{ position: 'closed' }])
  t.equal(broker.coolDown(registry), undefined)
  t.equal((await broker.send(requestOf(registry, 'sound', { repository: 'sound' }), never)).status, 200)
})

t.test('a repository is asked about by one probe, and nothing waits for it in a place of others', async t => {
  const clock = virtualClock(t, start)
  const { held, broker, registry } = heldHost()
  const about = (repository: string) =>
    broker.send(requestOf(registry, repository, { method: 'POST', repository }), never)
  for (let n = 0; n < 5; n++) {
    const sent = about('a')
    await settled()
    held.pop()?.give(503)
    await sent
  }
  const { retryAt = 0 } = broker.coolDown(registry, { repository: 'a' }) ?? {}
  clock.setClock(retryAt)
  const probe = about('a')
  await settled()
  t.equal(held.length, 1)
  t.match(await errorOf(about('a')), { code: 'unavailable', retryAt })
  const others = ['b', 'c', 'd'].map(about)
  await settled()
  t.equal(held.length, 4)
  // It did not get there: that is no news of the repository.
  held.shift()?.give('unreachable')
  t.match(await probe.catch((error: unknown) => error), { code: 'unavailable' })
  t.ok((broker.coolDown(registry, { repository: 'a' })?.retryAt ?? 0) > retryAt)
  for (const { give } of held.splice(0)) give(200)
  await Promise.all(others)
})

t.test('a thousand failing repositories are remembered', async t => {
  virtualClock(t, start)
  const transport = sendOf(request => responseOf(request, 503, { 'retry-after': '600' }))
  const broker = createBroker(transport, { now: Date.now, elapsed: () => performance.now() })
  const registry = registryOf({ host: 'example.com', limits: { requestsPerSecond: 1e6, burst: 1e6 } })
  for (let n = 0; n <= 1_000; n++)
    await errorOf(broker.send(requestOf(registry, `${n}`, { repository: `${n}` }), never))
  t.equal(broker.coolDown(registry, { repository: '0' }), undefined)
  t.match(broker.coolDown(registry, { repository: '1' }), { retryAt: start + 600_000 })
  t.match(broker.coolDown(registry, { repository: '1000' }), { retryAt: start + 600_000 })
})

t.test('a host that cannot be reached is left alone, whatever it is asked about', async t => {
  virtualClock(t, start)
  const server = await memoryRegistry(t, { repositories: { a: ['1'] } })
  const other = await memoryRegistry(t, { repositories: { a: ['1'] } })
  const [registry, healthy] = [server, other].map(({ host }) => registryOf({ host, insecure: true }))
  if (registry === undefined || healthy === undefined) throw new Error('two registries')
  const { broker } = brokerOf(t)
  server.misbehave(() => ({ pace: 'cut' }))
  for (let n = 0; n < 5; n++)
    await errorOf(broker.send(requestOf(registry, 'a', { method: 'POST', repository: `${n}` }), never))
  t.match(broker.circuits(), [{ registry: server.host, position: 'open' }])
  t.match(broker.coolDown(registry, { repository: 'another' }), {
    message: /^the registry failed 5 times in a row \(.*\) and is not asked before /,
  })
  t.equal((await broker.send(requestOf(healthy, 'a'), never)).status, 200)
})

t.test('what a host cannot help does not count', async t => {
  const server = await memoryRegistry(t)
  const registry = registryOf({ host: server.host, insecure: true })
  for (const status of [200, 304, 400, 401, 403, 404]) {
    const { broker } = brokerOf(t)
    server.misbehave(() => ({ status }))
    for (let n = 0; n < 7; n++)
      t.equal((await broker.send(requestOf(registry, 'a'), never)).status, status, String(status))
  }
  const { broker } = brokerOf(t)
  server.misbehave(() => ({ status: 429, headers: { 'retry-after': '1' } }))
  for (let n = 0; n < 7; n++)
    t.match(await errorOf(broker.send(requestOf(registry, 'a', { account: String(n) }), never)), {
      code: 'rate-limited',
    })
  t.match(broker.circuits(), [{ position: 'closed' }])
})

const unreachable = new RegistryError('unavailable', 'it refuses connections', {
  next: 'try again',
  cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
})

/** A host whose answers the test gives. */
function heldHost() {
  const held: {
    readonly request: RegistryRequest
    readonly give: (status: number | 'unreachable') => void
  }[] = []
  const transport = sendOf(
    (request, signal) =>
      new Promise<RegistryResponse>((resolve, reject) => {
        held.push({
          request,
          give: status =>
            status === 'unreachable' ? reject(unreachable) : resolve(responseOf(request, status)),
        })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  const broker = createBroker(transport, { now: Date.now, elapsed: () => performance.now() })
  const registry = registryOf({ host: 'example.com', limits: { requestsPerSecond: 1_000, burst: 1_000 } })
  const send = (signal = never): Promise<RegistryResponse> =>
    broker.send(requestOf(registry, 'a', { method: 'POST' }), signal)
  /** Lets it fail until it is left alone; gives the time of the next request. */
  async function open(): Promise<number> {
    const failing = Promise.allSettled(Array.from({ length: 5 }, () => send()))
    while (held.length > 0 || broker.circuits()[0]?.position !== 'open') {
      held.shift()?.give('unreachable')
      await settled()
    }
    await failing
    return broker.coolDown(registry)?.retryAt ?? 0
  }
  return { held, broker, registry, send, open }
}

t.test('half-open: one request, fifty wait for what comes of it', async t => {
  const clock = virtualClock(t, start)
  const { held, broker, registry, send, open } = heldHost()
  const first = await open()

  clock.setClock(first)
  const failing = Array.from({ length: 51 }, () => send())
  const failed = Promise.allSettled(failing)
  await settled()
  t.equal(held.length, 1, 'one request')
  t.match(broker.circuits(), [{ position: 'half-open' }])
  held.pop()?.give('unreachable')
  const outcomes = await failed
  t.ok(
    outcomes.every(({ status }) => status === 'rejected'),
    'the others are told at once',
  )
  t.equal(held.length, 0)
  const { retryAt: next = 0 } = broker.coolDown(registry) ?? {}
  t.ok(next > first + 5 * second && next <= first + 10 * second + 1, 'the wait is doubled')

  clock.setClock(next)
  const waiting = Array.from({ length: 51 }, () => send())
  await settled()
  t.equal(held.length, 1, 'one request')
  held.pop()?.give(200)
  await settled()
  t.equal(held.length, 4, 'as many as the limits say')
  while (held.length > 0) {
    held.pop()?.give(200)
    await settled()
  }
  for (const { status } of await Promise.all(waiting)) t.equal(status, 200)
})

t.test('a probe that is given up shows nothing', async t => {
  const clock = virtualClock(t, start)
  const { held, broker, registry, send, open } = heldHost()
  const retryAt = await open()
  clock.setClock(retryAt)
  const controller = new AbortController()
  const probe = send(controller.signal)
  await settled()
  t.equal(held.length, 1)
  controller.abort(new Error('gave up'))
  await t.rejects(probe, new Error('gave up'))
  await settled()
  t.match(broker.circuits(), [{ position: 'open' }])
  t.ok((broker.coolDown(registry)?.retryAt ?? 0) > retryAt)
})

t.test('who follows a probe that was given up is no second one', async t => {
  const clock = virtualClock(t, start)
  const rejections: (() => void)[] = []
  let sent = 0
  const transport = sendOf((request, signal) => {
    if (++sent <= 5) throw unreachable
    return new Promise<RegistryResponse>((_resolve, reject) => {
      // The connection takes its time to end.
      signal.addEventListener('abort', () => rejections.push(() => reject(signal.reason)))
    })
  })
  const broker = createBroker(transport, { now: Date.now, elapsed: () => performance.now() })
  const registry = registryOf({ host: 'example.com' })
  const send = (signal = never): Promise<RegistryResponse> =>
    broker.send(requestOf(registry, 'a', { method: 'POST' }), signal)
  for (let n = 0; n < 5; n++) await errorOf(send())
  clock.setClock(broker.coolDown(registry)?.retryAt ?? 0)
  const controller = new AbortController()
  const probe = send(controller.signal).catch((error: unknown) => error)
  const follower = errorOf(send())
  await settled()
  controller.abort('gave up')
  t.equal(await probe, 'gave up')
  await settled()
  rejections.pop()?.()
  t.match(await follower, { code: 'unavailable', message: /^the registry failed 6 times in a row/ })
  t.equal(sent, 6)
})

t.test('a clock that is turned back does not keep it open', async t => {
  const clock = virtualClock(t, start)
  const { held, broker, send, open } = heldHost()
  await open()
  clock.setClock(start - 86_400_000)
  const sent = send()
  await settled()
  t.equal(held.length, 1)
  held.pop()?.give(200)
  t.equal((await sent).status, 200)
  t.match(broker.circuits(), [{ position: 'closed' }])
})

t.test('the reason of the last failure stands in the message', async t => {
  virtualClock(t, start)
  const registry = registryOf({ host: '127.0.0.1:1', insecure: true })
  const { broker } = brokerOf(t)
  for (let n = 0; n < 5; n++) await errorOf(broker.send(requestOf(registry, 'a'), never))
  const error = await errorOf(broker.send(requestOf(registry, 'a'), never))
  t.match(error.message, /^the registry failed 5 times in a row \(it refuses connections\) and is not asked/)
  t.equal(error.next, 'check the host and that this process may reach it')
})
