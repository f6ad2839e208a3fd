import t from 'tap'

import { listed, memoryRegistry, never, portError, registryClient } from '../../support/registry-fixture.ts'

const start = Date.UTC(2026, 10, 21, 12, 0, 0)

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
