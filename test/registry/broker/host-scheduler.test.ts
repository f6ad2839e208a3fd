import t from 'tap'

import { createBroker, type Broker } from '../../../src/registry/broker/broker.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistryResponse } from '../../../src/registry/response/response.ts'
import type { Registry } from '../../../src/registry/settings/registry.ts'
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts'
import type { RegistryRequest } from '../../../src/registry/transport/send.ts'
import { registryOf, requestOf, responseOf, sendOf } from '../../support/registry/broker-fixture.ts'
import {
  listed,
  memoryRegistry,
  never,
  portError,
  registryClient,
} from '../../support/registry/registry-fixture.ts'
import { virtualTime, type VirtualTime } from '../../support/virtual-time.ts'

const start = Date.UTC(2026, 10, 21, 12, 0, 0)

/** How a registry limits: whether a request that arrives now passes. */
type Limit = (now: number) => boolean

// As GHCR's errors read: so many in any minute.
function slidingWindow(most: number, milliseconds: number): Limit {
  const passed: number[] = []
  return now => {
    while ((passed[0] ?? now) <= now - milliseconds) passed.shift()
    if (passed.length >= most) return false
    passed.push(now)
    return true
  }
}

// nginx, limit_req without delay: what is above the rate leaks away, and more than the burst of it is refused.
function leakyBucket(perSecond: number, burst: number): Limit {
  let excess = 0
  let last: number | undefined
  return now => {
    const next = last === undefined ? 0 : Math.max(0, excess - ((now - last) * perSecond) / 1000 + 1)
    if (next > burst) return false
    excess = next
    last = now
    return true
  }
}

interface Counted {
  passed: number
  refused: number
}

const wait = (milliseconds: number): Promise<void> => new Promise(done => setTimeout(done, milliseconds))

/** A server somewhere else: the way there takes 10 to 40 ms, never the same. */
function limitedServer(limit: Limit): {
  send(request: RegistryRequest): Promise<RegistryResponse>
  readonly counted: Counted
} {
  const counted = { passed: 0, refused: 0 }
  let seed = 1
  const way = (): number => 10 + ((seed = (seed * 16_807) % 2_147_483_647) % 31)
  return {
    counted,
    async send(request) {
      await wait(way())
      const passes = limit(Date.now())
      if (passes) counted.passed++
      else counted.refused++
      await wait(way())
      return responseOf(request, passes ? 200 : 429, { 'retry-after': '60' })
    },
  }
}

/** Keeps so many requests waiting for as long as the signal allows. */
function saturate(broker: Broker, registry: Registry, signal: AbortSignal): Promise<void[]> {
  return Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      while (!signal.aborted)
        await broker.send(requestOf(registry, `a/${n}`), lookUp(signal)).catch(isExpected)
    }),
  )
}

// Each look-up has a signal of its own.
function lookUp(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal])
}

function isExpected(error: unknown): void {
  if (!(error instanceof RegistryError) && error !== 'over') throw error
}

async function runFor(time: VirtualTime, seconds: number, work: (signal: AbortSignal) => Promise<unknown>) {
  const controller = new AbortController()
  const done = work(controller.signal)
  await time.advance(seconds * 1000)
  controller.abort('over')
  await time.advance(100)
  await done
}

const rows: readonly (readonly [RegistrySettings, Limit, perSecond: number])[] = [
  [{ host: 'ghcr.io', kind: 'ghcr' }, slidingWindow(2_000, 60_000), 2_000 / 60],
  [{ host: 'quay.io', kind: 'quay' }, leakyBucket(5, 2), 5],
  [{ host: 'registry.gitlab.com', kind: 'gitlab' }, slidingWindow(500, 60_000), 500 / 60],
  [{ host: 'slow.example.com', limits: { requestsPerSecond: 0.5, burst: 3 } }, leakyBucket(0.5, 3), 0.5],
]

t.test('no 429 and nearly all of what is allowed', async t => {
  for (const [settings, limit, perSecond] of rows)
    await t.test(settings.host, async t => {
      const time = virtualTime(t, start)
      const server = limitedServer(limit)
      const registry = registryOf(settings)
      const broker = createBroker(
        sendOf(request => server.send(request)),
        { now: Date.now, elapsed: Date.now },
      )
      const seconds = 180
      await runFor(time, seconds, signal => saturate(broker, registry, signal))
      t.equal(server.counted.refused, 0)
      const used = server.counted.passed / (seconds * perSecond)
      t.ok(used >= 0.9, `${Math.round(used * 100)} % of the allowed rate`)
    })
})

t.test('100 manifests in 6 hours: the last tenth is for admissions, and no more are asked for', async t => {
  const time = virtualTime(t, start)
  const limit = slidingWindow(100, 21_600_000)
  const counted = { passed: 0, refused: 0 }
  const transport = sendOf(async request => {
    await wait(20)
    if (!request.url.pathname.includes('/manifests/')) return responseOf(request, 200)
    const passes = limit(Date.now())
    if (passes) counted.passed++
    else counted.refused++
    const left = `${100 - counted.passed};w=21600`
    return responseOf(request, passes ? 200 : 429, {
      'ratelimit-limit': '100;w=21600',
      'ratelimit-remaining': left,
    })
  })
  const registry = registryOf({
    host: 'docker.io',
    kind: 'docker-hub',
    apiUrl: 'https://hub.docker.com',
    limits: { requestsPerSecond: 100, burst: 100 },
  })
  const broker = createBroker(transport, { now: Date.now, elapsed: Date.now })
  const manifests = (urgency: 'admission' | 'refresh') => async (signal: AbortSignal) => {
    const all = Array.from({ length: 150 }, (_, n) =>
      broker.send(requestOf(registry, `/v2/a/manifests/${n}`, { urgency }), lookUp(signal)).catch(isExpected),
    )
    await Promise.all(all)
  }
  await runFor(time, 10, manifests('refresh'))
  t.equal(counted.refused, 0)
  t.ok(counted.passed >= 90 && counted.passed <= 91, `${counted.passed} by refreshes`)
  await runFor(time, 10, manifests('admission'))
  t.strictSame(counted, { passed: 100, refused: 0 })
  t.match(broker.budgets(), [
    { registry: 'docker.io', account: 'anonymous', purpose: 'manifest', remaining: 0, limit: 100 },
  ])

  const tags = broker.send(requestOf(registry, 'library/nginx'), new AbortController().signal)
  await time.advance(50)
  t.equal((await tags).status, 200, 'tag lists are another budget')
})

t.test('after a pause the burst goes at once, and then the urgent ones wait for one token', async t => {
  const time = virtualTime(t, start)
  const sent: string[] = []
  const transport = sendOf(request => {
    sent.push(`${Date.now() - start} ${request.url.pathname.split('/')[2] ?? ''}`)
    return responseOf(request, 200)
  })
  const registry = registryOf({
    host: 'example.com',
    limits: { requestsPerSecond: 1, burst: 2, concurrency: 4 },
  })
  const broker = createBroker(transport, { now: Date.now, elapsed: Date.now })
  const { signal } = new AbortController()
  const all = ['a', 'b', 'c', 'd'].map(name => broker.send(requestOf(registry, name), signal))
  await time.advance(100)
  all.push(broker.send(requestOf(registry, 'urgent', { urgency: 'admission' }), signal))
  await time.advance(4_000)
  await Promise.all(all)
  t.strictSame(sent, ['0 a', '0 b', '1000 urgent', '2000 c', '3000 d'])
})

t.test('a walk that has begun is finished before the next begins', async t => {
  const time = virtualTime(t, start)
  const sent: string[] = []
  const transport = sendOf(async request => {
    sent.push(request.url.pathname.split('/')[2] ?? '')
    await wait(20)
    return responseOf(request, 200)
  })
  const registry = registryOf({ host: 'example.com', limits: { requestsPerSecond: 5, burst: 2 } })
  const broker = createBroker(transport, { now: Date.now, elapsed: Date.now })
  const walk = async (name: string, urgency: 'admission' | 'refresh' = 'refresh'): Promise<void> => {
    const { signal } = new AbortController()
    for (let page = 0; page < 3; page++) await broker.send(requestOf(registry, name, { urgency }), signal)
  }
  const walks = ['a', 'b', 'c', 'd'].map(name => walk(name))
  await time.advance(100)
  walks.push(walk('urgent', 'admission'))
  await time.advance(5_000)
  await Promise.all(walks)
  const order = ['a', 'b', 'urgent', 'urgent', 'urgent', 'a', 'b', 'a', 'b', 'c', 'c', 'c', 'd', 'd', 'd']
  t.strictSame(sent, order)
})

t.test('after 429 nothing is sent before the time that it names', async t => {
  const registry = await memoryRegistry(t, { repositories: { a: ['1'], b: ['2'] } })
  const other = await memoryRegistry(t, { repositories: { a: ['3'] } })
  let now = start
  const settings = [registry, other].map(({ host }) => ({ host, insecure: true }))
  const client = registryClient(t, settings, { now: () => now })
  const a = { registry: registry.host, repository: 'a' }
  const b = { registry: registry.host, repository: 'b' }

  registry.misbehave(() => ({ status: 429, headers: { 'retry-after': '120' }, body: '<html>' }))
  const error = await portError(client.listTags(a, never))
  const message =
    'the registry asked to wait until 2026-11-21T12:02:00.000Z; it is asked again then; credentials often raise the limit'
  t.equal(error.message, `${registry.host}/a: ${message}`)
  t.equal(error.code, 'rate-limited')
  t.equal(error.retryAt, start + 120_000)

  registry.misbehave(undefined)
  now += 119_999
  t.match(await portError(client.listTags(b, never)), {
    message: `${registry.host}/b: ${message}`,
    retryAt: start + 120_000,
  })
  t.match(client.refusal(b), { code: 'rate-limited', retryAt: start + 120_000 })
  t.equal(registry.requests.length, 1)
  t.same(
    await listed(client.listTags({ registry: other.host, repository: 'a' }, never)),
    ['3'],
    'others are not affected',
  )

  now += 1
  t.equal(client.refusal(b), undefined)
  t.same(await listed(client.listTags(b, never)), ['2'])
})

t.test('429 on a later page, and of the token server', async t => {
  const paged = await memoryRegistry(t, { repositories: { a: ['1', '2'] }, pageSize: 1 })
  paged.misbehave(({ path }) => (path.includes('last') ? { status: 429 } : undefined))
  const tokens = await memoryRegistry(t, { repositories: { a: ['1'] }, authentication: { kind: 'bearer' } })
  tokens.misbehave(({ path }) => (path.startsWith('/token') ? { status: 429 } : undefined))
  for (const registry of [paged, tokens]) {
    const client = registryClient(t, [{ host: registry.host, insecure: true }], { now: () => start })
    const repository = { registry: registry.host, repository: 'a' }
    t.match(await portError(client.listTags(repository, never)), {
      code: 'rate-limited',
      retryAt: start + 60_000,
    })
    t.match(await portError(client.listTags(repository, never)), {
      code: 'rate-limited',
      retryAt: start + 60_000,
    })
    t.equal(registry.requests.length, 2)
  }
})

t.test('who waits for a turn does not send either', async t => {
  const registry = await memoryRegistry(t)
  registry.misbehave(() => ({ status: 429, headers: { 'retry-after': '10' } }))
  const client = registryClient(t, [{ host: registry.host, insecure: true }], { now: () => start })
  const all = Array.from({ length: 20 }, (_, n) =>
    portError(client.listTags({ registry: registry.host, repository: `a/${n}` }, never)),
  )
  for (const error of await Promise.all(all)) t.equal(error.retryAt, start + 10_000)
  t.ok(registry.requests.length <= 4, 'only those that were under way')
})
