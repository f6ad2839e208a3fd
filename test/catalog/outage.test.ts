import t from 'tap'

import { createCatalog } from '../../src/catalog/index.ts'
import { memoryRegistry, portError, registryClient } from '../support/registry/registry-fixture.ts'

const tags = Array.from({ length: 2500 }, (_, n) => `1.${n % 50}.${n}`)

t.test('catalog and client together: what admissions cost a registry', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': tags } })
  let now = Date.now()
  const client = registryClient(t, [{ host: registry.host, insecure: true }], { now: () => now })
  const catalog = createCatalog(client, {
    now: () => now,
    random: () => 0.5,
    refusal: repository => client.refusal(repository),
  })
  t.teardown(() => catalog.close())
  const app = { registry: registry.host, repository: 'team/app' }
  const admissions = async (count: number) => {
    for (let n = 0; n < count; n++) if (catalog.known(app) === undefined) await portError(catalog.lookUp(app))
    while (catalog.size().lookUps > 0) await new Promise(resolve => setImmediate(resolve))
  }

  await Promise.all(Array.from({ length: 100 }, () => catalog.lookUp(app)))
  t.equal(registry.requests.length, 3, 'one walk of three pages for a hundred callers')

  now += 60 * 60_000
  registry.misbehave(() => ({ status: 503 }))
  await admissions(1000)
  const inOutage = registry.requests.length
  t.ok(inOutage > 3 && inOutage < 10, 'one look-up in an outage, and its few tries')
  await admissions(1000)
  t.equal(registry.requests.length, inOutage, 'no more for every admission')
  t.match(catalog.known(app), { age: 60 * 60_000, stale: false, learned: { list: { length: 2500 } } })

  now += 31_000
  registry.misbehave(() => ({ status: 429, headers: { 'retry-after': '600' } }))
  await admissions(1000)
  now += 599_000
  await admissions(1000)
  const other = await portError(catalog.lookUp({ ...app, repository: 'team/other' }))
  t.match(other, { code: 'rate-limited', retryAt: now + 1000 })
  t.equal(registry.requests.length, inOutage + 1, 'none inside the window, of no repository')

  now += 1000
  registry.misbehave(undefined)
  await admissions(1)
  t.match(catalog.known(app), { age: 0, stale: false })
  t.equal(registry.requests.length, inOutage + 4)
})

t.test('hosts that nobody allowed cost nothing', async t => {
  const client = registryClient(t, [{ host: 'r.example' }])
  const catalog = createCatalog(client, {
    now: Date.now,
    random: Math.random,
    refusal: repository => client.refusal(repository),
  })
  t.teardown(() => catalog.close())
  for (let n = 0; n < 2000; n++) {
    const error = await portError(catalog.lookUp({ registry: `h${n}.example`, repository: 'x' }))
    t.equal(error.code, 'not-allowed')
  }
  t.same(catalog.size(), { repositories: 0, tags: 0, bytes: 0, lookUps: 0, oldestAge: 0 })
})
