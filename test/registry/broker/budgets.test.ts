import t from 'tap'

import { createBroker } from '../../../src/registry/broker/broker.ts'
import {
  brokerOf,
  errorOf,
  registryOf,
  requestOf,
  responseOf,
  sendOf,
} from '../../support/registry/broker-fixture.ts'
import { memoryRegistry, never } from '../../support/registry/registry-fixture.ts'

const start = Date.UTC(2026, 10, 21, 12, 0, 0)
const second = 1_000

// What a 429 says, and for how long nothing is sent.
const windows: readonly (readonly [Readonly<Record<string, string>>, seconds: number])[] = [
  [{ 'retry-after': '120' }, 120],
  [{ 'retry-after': 'Sat, 21 Nov 2026 12:05:00 GMT' }, 300],
  [{}, 60],
  [{ 'retry-after': '0' }, 1],
  [{ 'retry-after': '1000000000' }, 3_600],
  [{ 'retry-after': 'in a while' }, 60],
  [{ 'retry-after': '-7' }, 60],
]

t.test('no request inside the window of a 429', async t => {
  for (const [headers, seconds] of windows)
    await t.test(JSON.stringify(headers), async t => {
      const server = await memoryRegistry(t, { repositories: { a: ['1'] } })
      const registry = registryOf({ host: server.host, insecure: true })
      let now = start
      const { broker } = brokerOf(t, { now: () => now })
      server.misbehave(() => ({ status: 429, headers }))
      const retryAt = start + seconds * second
      const error = await errorOf(broker.send(requestOf(registry, 'a'), never))
      t.match(error, { code: 'rate-limited', retryAt })
      t.equal(error.message, `the registry asked to wait until ${new Date(retryAt).toISOString()}`)
      server.misbehave(undefined)
      for (let step = 0; step < 100; step++) {
        now = start + Math.floor((seconds * second * step) / 100)
        const urgency = step % 2 === 0 ? 'admission' : 'refresh'
        t.match(await errorOf(broker.send(requestOf(registry, 'a', { urgency }), never)), { retryAt })
      }
      now = retryAt - 1
      t.match(broker.coolDown(registry), { code: 'rate-limited', retryAt })
      t.match(await errorOf(broker.send(requestOf(registry, 'b'), never)), { retryAt })
      t.equal(server.requests.length, 1, 'the request log')
      now = retryAt
      t.equal(broker.coolDown(registry), undefined)
      t.equal((await broker.send(requestOf(registry, 'a'), never)).status, 200)
    })
})

t.test('of two that were told to wait at once the longer holds', async t => {
  const waits = ['120', '30']
  const broker = createBroker(
    sendOf(request => responseOf(request, 429, { 'retry-after': waits.shift() })),
    { now: () => start, elapsed: () => performance.now() },
  )
  const registry = registryOf({ host: 'example.com' })
  await Promise.all(['a', 'b'].map(name => errorOf(broker.send(requestOf(registry, name), never))))
  t.strictSame(waits, [])
  t.match(broker.coolDown(registry), { retryAt: start + 120 * second })
})

t.test('each account has a budget of its own', async t => {
  const server = await memoryRegistry(t, { repositories: { a: ['1'] } })
  const registry = registryOf({ host: server.host, insecure: true })
  for (const [limited, free] of [
    ['', 'robot'],
    ['robot', ''],
    ['robot', 'person'],
  ] as const) {
    const { broker } = brokerOf(t, { now: () => start })
    server.misbehave(() => ({ status: 429 }))
    await errorOf(broker.send(requestOf(registry, 'a', { account: limited }), never))
    server.misbehave(undefined)
    t.match(await errorOf(broker.send(requestOf(registry, 'a', { account: limited }), never)), {
      code: 'rate-limited',
    })
    t.match(broker.coolDown(registry, { account: limited }), { code: 'rate-limited' })
    t.equal(broker.coolDown(registry, { account: free }), undefined)
    t.equal((await broker.send(requestOf(registry, 'a', { account: free }), never)).status, 200)
  }
})

/** A host that says what is left, and lets everything pass. */
function tellingHost(host = 'example.com') {
  let headers: Readonly<Record<string, string>> = {}
  let now = start
  const sent: string[] = []
  const transport = sendOf(request => {
    sent.push(request.url.href)
    return responseOf(request, 200, headers)
  })
  const broker = createBroker(transport, { now: () => now, elapsed: () => performance.now() })
  return {
    broker,
    sent,
    registry: registryOf({ host, tokenHost: 'tokens.example.com' }),
    tell: (next: typeof headers): void => void (headers = next),
    setClock: (next: number): void => void (now = next),
  }
}

t.test('a short budget is kept for admissions, an empty one for nobody, until it counts anew', async t => {
  const { broker, registry, tell, setClock, sent } = tellingHost()
  const send = (urgency: 'admission' | 'refresh') =>
    broker.send(requestOf(registry, 'a', { urgency }), new AbortController().signal)
  tell({ 'x-ratelimit-limit': '180', 'x-ratelimit-remaining': '18', 'x-ratelimit-reset': '45' })
  const walk = new AbortController().signal
  await broker.send(requestOf(registry, 'a'), walk)
  t.equal((await send('refresh')).status, 200, 'a tenth is not short')
  const resetAt = start + 45 * second
  const until = new Date(resetAt).toISOString()
  t.match(broker.budgets(), [
    { registry: 'example.com', account: 'anonymous', purpose: 'tags', remaining: 18, limit: 180, resetAt },
  ])

  tell({ 'x-ratelimit-limit': '180', 'x-ratelimit-remaining': '17', 'x-ratelimit-reset': '45' })
  await send('refresh')
  const short = await errorOf(send('refresh'))
  t.match(short, { code: 'rate-limited', retryAt: resetAt })
  t.equal(short.message, `what the registry still allows until ${until} is kept for admissions`)
  t.equal(broker.coolDown(registry), undefined, 'an admission may ask')
  t.equal((await broker.send(requestOf(registry, 'a'), walk)).status, 200, 'what has begun is finished')

  tell({ 'x-ratelimit-limit': '180', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '45' })
  t.equal((await send('admission')).status, 200)
  const empty = await errorOf(send('admission'))
  t.match(empty, { code: 'rate-limited', retryAt: resetAt })
  t.equal(empty.message, `the 180 requests that the registry allows are used up until ${until}`)
  t.match(broker.coolDown(registry), { code: 'rate-limited', retryAt: resetAt })
  t.equal(sent.length, 5)

  setClock(resetAt)
  tell({})
  t.strictSame(broker.budgets(), [])
  t.equal((await send('refresh')).status, 200)
})

t.test('those under way are counted: no more are sent than are left', async t => {
  const held: (() => void)[] = []
  let left = 3
  const transport = sendOf(
    request =>
      new Promise(resolve => {
        held.push(() => resolve(responseOf(request, 200, { 'ratelimit-remaining': String(left) })))
      }),
  )
  const broker = createBroker(transport, { now: () => start, elapsed: () => performance.now() })
  const registry = registryOf({ host: 'example.com', limits: { concurrency: 10 } })
  const first = broker.send(requestOf(registry, 'a'), never)
  held.shift()?.()
  await first
  const outcomes = Array.from({ length: 8 }, () =>
    broker.send(requestOf(registry, 'a'), never).catch(() => 'refused'),
  )
  await Promise.resolve()
  t.equal(held.length, 3)
  for (const answer of held) {
    left--
    answer()
  }
  t.equal((await Promise.all(outcomes)).filter(outcome => outcome === 'refused').length, 5)
})

t.test('a limit of the token server is not laid at the registry’s door', async t => {
  const { broker, registry } = tellingHost()
  const transport = sendOf(request =>
    responseOf(request, request.url.host === 'tokens.example.com' ? 429 : 200),
  )
  const limited = createBroker(transport, { now: () => start, elapsed: () => performance.now() })
  const token = { ...requestOf(registry, 'a'), url: new URL('https://tokens.example.com/token?scope=a') }
  const error = await errorOf(limited.send(token, never))
  t.equal(error.message, 'its token server asked to wait until 2026-11-21T12:01:00.000Z')
  t.equal(limited.coolDown(registry), undefined)
  t.equal((await limited.send(requestOf(registry, 'a'), never)).status, 200)
  const elsewhere = { ...token, url: new URL('https://elsewhere.example.com/v2/a/tags/list') }
  t.equal((await broker.send(elsewhere, never)).status, 200)
})

t.test('who has two ways to its tags is refused when both are closed', async t => {
  const registry = registryOf({ host: 'docker.io', kind: 'docker-hub', apiUrl: 'https://hub.docker.com' })
  const broker = createBroker(
    sendOf(request => responseOf(request, 429)),
    { now: () => start, elapsed: () => performance.now() },
  )
  const own = { ...requestOf(registry, 'a'), url: new URL('https://hub.docker.com/v2/namespaces/a/tags') }
  const error = await errorOf(broker.send(own, never))
  t.equal(error.message, 'hub.docker.com asked to wait until 2026-11-21T12:01:00.000Z')
  t.equal(broker.coolDown(registry), undefined)
  await errorOf(broker.send(requestOf(registry, 'a'), never))
  t.match(broker.coolDown(registry), { code: 'rate-limited', retryAt: start + 60 * second })
})

t.test('what was said before the clock was turned back no longer holds', async t => {
  const { broker, registry, tell, setClock } = tellingHost()
  tell({ 'ratelimit-remaining': '0' })
  await broker.send(requestOf(registry, 'a'), never)
  t.match(broker.coolDown(registry), { code: 'rate-limited' })
  setClock(start - 86_400_000)
  t.equal(broker.coolDown(registry), undefined)
})

t.test('what is remembered of accounts has an end', async t => {
  const { broker, registry, tell } = tellingHost()
  tell({ 'ratelimit-remaining': '0' })
  const limits = { requestsPerSecond: 1e6, burst: 1e6 }
  const many = { ...registry, limits: { ...registry.limits, ...limits } }
  for (let n = 0; n < 1_100; n++) await broker.send(requestOf(many, 'a', { account: `robot ${n}` }), never)
  t.equal(broker.budgets().length, 1_000)
  t.match(broker.budgets()[0], { account: 'credentials' })
})

t.test('a budget belongs to what is asked for', async t => {
  const { broker, registry, tell } = tellingHost()
  for (const [path, purpose] of [
    ['/v2/a/tags/list', 'tags'],
    ['/v2/token/tags/list', 'tags'],
    ['/api/v4/projects/a%2Fb/registry/repositories', 'tags'],
    ['/v2/a/manifests/1', 'manifest'],
    ['/token', 'token'],
    ['/jwt/auth', 'token'],
    ['/v2/users/login', 'token'],
  ] as const) {
    tell({ 'ratelimit-remaining': '50' })
    await broker.send(requestOf(registry, path), never)
    t.equal(broker.budgets().at(-1)?.purpose, purpose, path)
  }
})
