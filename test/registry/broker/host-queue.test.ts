import { setImmediate as settled } from 'node:timers/promises'

import t from 'tap'

import { createBroker } from '../../../src/registry/broker/broker.ts'
import type { RegistryResponse } from '../../../src/registry/response/response.ts'
import {
  brokerOf,
  errorOf,
  registryOf,
  requestOf,
  responseOf,
  sendOf,
} from '../../support/registry/broker-fixture.ts'
import { memoryRegistry, never } from '../../support/registry/registry-fixture.ts'

const fast = { requestsPerSecond: 1_000_000, burst: 1_000_000 }

t.test('an admission goes ahead of 200 refreshes', async t => {
  const server = await memoryRegistry(t, { repositories: { late: ['1'], urgent: ['1'] } })
  const registry = registryOf({ host: server.host, insecure: true, limits: { ...fast, concurrency: 2 } })
  const { broker } = brokerOf(t)
  const refreshes = Array.from({ length: 200 }, () => broker.send(requestOf(registry, 'late'), never))
  const urgent = broker.send(requestOf(registry, 'urgent', { urgency: 'admission' }), never)
  await Promise.all([...refreshes, urgent])
  t.equal(server.requests.length, 201)
  t.equal(
    server.requests.findIndex(({ path }) => path.includes('urgent')),
    2,
    'right after those under way',
  )
})

t.test('admissions of one namespace wait among themselves, what is known first', async t => {
  const { sent, answers, broker, registry } = hangingHost(2)
  const about = (name: string, namespace: string, urgency: 'admission' | 'first-look-up') =>
    broker.send(requestOf(registry, name, { urgency, namespace }), AbortSignal.any([never]))
  const all = Array.from({ length: 100 }, (_, n) => about(`a/${n}`, 'a', 'first-look-up'))
  await settled()
  t.strictSame(
    sent,
    ['/v2/a/0/tags/list'],
    'one place is left for another namespace, however long the answer takes',
  )
  all.push(about('b/0', 'b', 'first-look-up'))
  await settled()
  t.equal(sent.at(-1), '/v2/b/0/tags/list', 'at once')
  all.push(
    about('b/1', 'b', 'first-look-up'),
    about('c/0', 'c', 'first-look-up'),
    about('a/known', 'a', 'admission'),
  )
  for (let n = 0; n < 6; n++) {
    answers.shift()?.()
    await settled()
  }
  t.strictSame(
    sent.slice(2, 6).map(path => path.split('/').slice(2, 4).join('/')),
    ['a/known', 'b/1', 'a/1', 'c/0'],
  )
  while (answers.length > 0) {
    answers.shift()?.()
    await settled()
  }
  t.equal((await Promise.all(all)).length, 104)
})

t.test('a slow host takes nobody else’s slots', async t => {
  const servers = await Promise.all(
    Array.from({ length: 10 }, () => memoryRegistry(t, { repositories: { a: ['1'] } })),
  )
  const registries = servers.map(({ host }) => registryOf({ host, insecure: true, limits: fast }))
  const { broker } = brokerOf(t)
  const [slowServer] = servers
  const [slow, ...others] = registries
  if (slowServer === undefined || slow === undefined) throw new Error('ten registries')
  slowServer.misbehave(() => ({ pace: 'never' }))
  const controller = new AbortController()
  let slowDone = 0
  const stuck = Array.from({ length: 100 }, () =>
    broker.send(requestOf(slow, 'a'), controller.signal).catch(() => slowDone++),
  )
  const answers = await Promise.all(
    others.flatMap(registry =>
      Array.from({ length: 20 }, () => broker.send(requestOf(registry, 'a'), never)),
    ),
  )
  t.equal(answers.filter(({ status }) => status === 200).length, 180)
  t.equal(slowDone, 0, 'all done before one of the slow host')
  t.ok(slowServer.requests.length <= 4)
  controller.abort(new Error('over'))
  await Promise.all(stuck)
  t.equal(slowDone, 100)
  t.ok(slowServer.requests.length <= 4, 'who gave up was never sent')
})

/** A host that answers when it is told to, so many requests at a time. */
function hangingHost(concurrency = 1) {
  const sent: string[] = []
  const answers: (() => void)[] = []
  const transport = sendOf(
    (request, signal) =>
      new Promise<RegistryResponse>((resolve, reject) => {
        sent.push(request.url.pathname)
        answers.push(() => resolve(responseOf(request, 200)))
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  const broker = createBroker(transport, { now: Date.now, elapsed: () => performance.now() })
  const registry = registryOf({ host: 'example.com', limits: { ...fast, concurrency } })
  return { sent, answers, broker, registry }
}

t.test('who gives up leaves at once, waiting or under way, and is not sent late', async t => {
  const { sent, answers, broker, registry } = hangingHost()
  const [underWay, waiting] = [new AbortController(), new AbortController()]
  const first = broker.send(requestOf(registry, 'first'), underWay.signal)
  const second = broker.send(requestOf(registry, 'second'), waiting.signal)
  const third = broker.send(requestOf(registry, 'third'), never)
  waiting.abort(new Error('too late'))
  await t.rejects(second, new Error('too late'))
  underWay.abort(new Error('gave up'))
  await t.rejects(first, new Error('gave up'))
  await settled()
  for (const answer of answers) answer()
  t.equal((await third).status, 200)
  t.strictSame(sent, ['/v2/first/tags/list', '/v2/third/tags/list'])
  await t.rejects(
    broker.send(requestOf(registry, 'a'), AbortSignal.abort(new Error('before'))),
    new Error('before'),
  )
})

t.test('a thousand may wait, and some more who are urgent', async t => {
  const { sent, broker, registry } = hangingHost()
  const controller = new AbortController()
  const outcomes = Array.from({ length: 1_001 }, () =>
    broker.send(requestOf(registry, 'a'), controller.signal).catch((error: unknown) => error),
  )
  const error = await errorOf(broker.send(requestOf(registry, 'a'), never))
  t.equal(error.code, 'unavailable')
  t.equal(error.message, '1000 requests to the registry are waiting already')
  t.equal(error.next, 'it is asked again later; if its limits are higher, say so as limits under registries')
  const urgent = { urgency: 'admission' } as const
  for (let n = 0; n < 200; n++)
    outcomes.push(broker.send(requestOf(registry, 'a', urgent), controller.signal).catch(() => 'over'))
  t.match(await errorOf(broker.send(requestOf(registry, 'a', urgent), never)), { code: 'unavailable' })
  controller.abort('over')
  t.strictSame([...new Set(await Promise.all(outcomes))], ['over'])
  t.equal(sent.length, 1)
})
