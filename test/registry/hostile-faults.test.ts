import t, { type Test } from 'tap'

import type { Access, PullCredentials } from '../../src/evaluation/index.ts'
import type { RegistrySettings } from '../../src/registry/index.ts'
import { dnsServer } from '../support/network/dns-server.ts'
import { resolverAt } from '../support/network/egress-fixture.ts'
import {
  accessWith,
  failureOf,
  hostileScene,
  leaksIn,
  tagsOf,
  watchConnections,
} from '../support/registry/hostile/hostile-scene.ts'
import type { MemoryRegistry, Misbehaviour, ReceivedRequest } from '../support/registry/memory-registry.ts'
import { selfSigned } from '../support/registry/registry-certificate.ts'
import { memoryRegistry, portError } from '../support/registry/registry-fixture.ts'
import { trapServer } from '../support/network/trap-server.ts'

// The faults F1 to F8 as the client and the catalog together meet them.

const minute = 60_000
const repositories = { 'team/app': ['1.0.0', '1.0.1'] }
const app = ({ host }: MemoryRegistry, repository = 'team/app') => ({ registry: host, repository })
const plain = ({ host }: MemoryRegistry): RegistrySettings => ({ host, insecure: true })
const many = Array.from({ length: 20 }, (_, at) => `team/app-${at}`)
const all = Object.fromEntries([...many, 'team/app'].map(name => [name, ['1.0.0', '1.0.1']]))

t.test(
  'F1: a registry that is down is asked a few times, and what is held is shown with its age',
  async t => {
    const down = await memoryRegistry(t, { repositories })
    const healthy = await memoryRegistry(t, { repositories: all })
    const network = watchConnections(t)
    const { catalog, pass, settle } = hostileScene(t, [plain(down), plain(healthy)])
    await catalog.lookUp(app(down))
    await down.close()
    pass(60 * minute)
    const before = network.attempts().filter(address => address === down.host).length
    for (const repository of many) await portError(catalog.lookUp(app(down, repository)))
    for (let n = 0; n < 1000; n++) catalog.known(app(down))
    t.ok((catalog.known(app(down))?.age ?? 0) >= 60 * minute)
    await settle()
    const attempts = network.attempts().filter(address => address === down.host).length - before
    t.ok(
      attempts > 0 && attempts <= 5,
      `${attempts} connections for a thousand admissions: then its circuit is open`,
    )
    t.match(
      await failureOf(catalog.lookUp(app(down, 'team/x'))),
      /^unavailable: .* \(it refuses connections\) and is not asked before /,
    )
    t.same(tagsOf(catalog.known(app(down))?.learned), ['1.0.0', '1.0.1'])
    pass(24 * 60 * minute)
    t.match(catalog.known(app(down)), { stale: true })
    for (const repository of many)
      t.equal((await catalog.lookUp(app(healthy, repository))).learned.list.length, 2)
  },
)

t.test('F2: nine healthy hosts are done while a slow one has not answered at all', async t => {
  const slow = await memoryRegistry(t)
  slow.misbehave(() => ({ pace: 'never' }))
  const healthy = await Promise.all(Array.from({ length: 9 }, () => memoryRegistry(t, { repositories: all })))
  const limits = { headersTimeout: 60_000, requestTimeout: 60_000 }
  const { catalog } = hostileScene(t, [slow, ...healthy].map(plain), { limits })
  let settled = 0
  const stuck = many.map(repository =>
    catalog
      .lookUp(app(slow, repository))
      .finally(() => settled++)
      .catch(() => undefined),
  )
  const done = healthy.flatMap(registry => many.map(repository => catalog.lookUp(app(registry, repository))))
  t.equal((await Promise.all(done)).length, 180)
  t.equal(settled, 0)
  t.equal(slow.requests.length, 4, 'the others wait for its turn, and not in anybody’s way')
  await catalog.close()
  await Promise.all(stuck)
})

const second = 1_000
const windows: readonly (readonly [header: string | undefined, wait: number])[] = [
  ['120', 120 * second],
  ['0', second],
  ['-5', minute],
  ['1000000000', 60 * minute],
  ['99999999999999999999999', 60 * minute],
  ['soon', minute],
  ['2026-01-01', minute],
  ['Wed, 21 Oct 2195 07:28:00 GMT', 60 * minute],
  ['Wed, 21 Oct 2015 07:28:00 GMT', second],
  ['', minute],
  [undefined, minute],
]

t.test('F3: whoever is told to wait does, whatever he is told', async t => {
  for (const [header, wait] of windows) {
    const registry = await memoryRegistry(t, { repositories: all })
    const other = await memoryRegistry(t, { repositories })
    const scene = hostileScene(t, [plain(registry), plain(other)])
    const { catalog, pass, now } = scene
    registry.misbehave(() => ({
      status: 429,
      ...(header !== undefined && { headers: { 'retry-after': header } }),
    }))
    const error = await portError(catalog.lookUp(app(registry)))
    t.equal(error.code, 'rate-limited')
    const until = error.retryAt ?? 0
    t.ok(
      Math.abs(until - now() - wait) < 30 * second && until > now() - 30 * second,
      `${header}: ${until - now()}`,
    )
    pass(until - now() - 900)
    for (const repository of many)
      t.equal((await portError(catalog.lookUp(app(registry, repository)))).code, 'rate-limited')
    t.equal(registry.requests.length, 1, `${header}: none inside the window`)
    t.equal((await catalog.lookUp(app(other))).learned.list.length, 2, 'another host is asked')
    registry.misbehave(undefined)
    pass(2 * second)
    t.same(tagsOf((await catalog.lookUp(app(registry))).learned), ['1.0.0', '1.0.1'])
  }
})

function accessBy(password: string): Access {
  return accessWith(`of-${password}`, { username: 'robot', password, origin: password })
}

function isFirst({ headers: { authorization = '' } }: ReceivedRequest): boolean {
  return Buffer.from(authorization.slice(6), 'base64').toString() === 'robot:hunter-a'
}

t.test('F3: a window is that of the credentials that ran into it', async t => {
  const authentication = { kind: 'basic', username: 'robot', password: 'hunter-b' } as const
  const registry = await memoryRegistry(t, { repositories: all, authentication })
  const { catalog } = hostileScene(t, [plain(registry)])
  registry.misbehave(request =>
    isFirst(request) ? { status: 429, headers: { 'retry-after': '600' } } : undefined,
  )
  for (const repository of many)
    t.equal(
      (await portError(catalog.lookUp({ ...app(registry, repository), access: accessBy('hunter-a') }))).code,
      'rate-limited',
    )
  t.equal(registry.requests.filter(isFirst).length, 1)
  t.same(tagsOf((await catalog.lookUp({ ...app(registry), access: accessBy('hunter-b') })).learned), [
    '1.0.0',
    '1.0.1',
  ])
})

t.test('F4: servers that fail cost a bounded number of requests, of each repository', async t => {
  for (const status of [500, 502, 503, 504]) {
    const registry = await memoryRegistry(t, { repositories: all })
    const { catalog, pass, settle } = hostileScene(t, [plain(registry)])
    await catalog.lookUp(app(registry))
    registry.misbehave(() => ({ status, body: '<html>' }))
    pass(60 * minute)
    const before = registry.requests.length
    for (const repository of many)
      t.equal((await portError(catalog.lookUp(app(registry, repository)))).code, 'unavailable')
    catalog.known(app(registry))
    await settle()
    const requests = registry.requests.length - before
    // A server error says nothing of other repositories: each look-up makes two tries, and the refresh four.
    t.ok(requests <= 2 * many.length + 4, `${status}: ${requests} requests for 21 look-ups`)
    for (const repository of many)
      t.equal((await portError(catalog.lookUp(app(registry, repository)))).code, 'unavailable')
    t.equal(registry.requests.length - before, requests, 'and none for what failed a moment ago')
    t.match(catalog.known(app(registry)), { stale: false, learned: { list: { length: 2 } } })
    t.ok((catalog.known(app(registry))?.age ?? 0) >= 60 * minute)
  }
})

t.test('F5: each refusal has its code, and no credentials are shown twice', async t => {
  const rows: readonly (readonly [Misbehaviour, code: string])[] = [
    [{ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }, 'unauthorized'],
    [{ status: 403 }, 'unauthorized'],
    [{ status: 404 }, 'not-found'],
    [{ status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }, 'not-found'],
    [{ status: 400, body: '{"errors":[{"code":"NAME_INVALID"}]}' }, 'invalid-answer'],
  ]
  for (const [answer, code] of rows) {
    const registry = await memoryRegistry(t)
    registry.misbehave(() => answer)
    const { catalog } = hostileScene(t, [plain(registry)])
    const credentials = ['a', 'b'].map((password): PullCredentials => ({
      username: 'x',
      password,
      origin: password,
    }))
    const wanted = { ...app(registry), access: accessWith('n', ...credentials) }
    for (let n = 0; n < 10; n++) t.equal((await portError(catalog.lookUp(wanted))).code, code)
    const shown = registry.requests.flatMap(({ headers }) => headers.authorization ?? [])
    t.equal(new Set(shown).size, shown.length, `${code}: ${shown.length}`)
    t.ok(registry.requests.length <= 3)
  }
})

t.test('F6: one registry’s rubbish, and the next one’s answer', async t => {
  const registry = await memoryRegistry(t, { repositories: all })
  const { catalog } = hostileScene(t, [plain(registry)])
  registry.misbehave(({ path }) => (path.includes('app-1/') ? { body: '{"tags":[' } : undefined))
  t.match(await failureOf(catalog.lookUp(app(registry, 'team/app-1'))), /^invalid-answer: .*is not JSON/)
  t.same(tagsOf((await catalog.lookUp(app(registry))).learned), ['1.0.0', '1.0.1'])
})

t.test('F7: no request is sent over TLS that is not to be believed', async t => {
  const good = selfSigned({ names: ['localhost'] })
  const rows: readonly (readonly [ReturnType<typeof selfSigned>, ca: string | undefined, RegExp])[] = [
    [good, undefined, /self-signed; give the authority that signed it as caFile under registries/],
    [selfSigned({ from: -3, to: -1 }), 'own', /its certificate has expired; renew it, and check the clocks/],
    [selfSigned({ from: 1, to: 2 }), 'own', /its certificate is not valid yet; check the clocks/],
    [selfSigned({ addresses: ['127.0.0.9'] }), 'own', /for another name; check the host or the certificate/],
  ]
  for (const [tls, ca, message] of rows) {
    const registry = await memoryRegistry(t, { repositories, tls })
    const settings = { host: registry.host, credentials: { username: 'x', password: 'hunter2' } }
    const { catalog } = hostileScene(t, [ca === undefined ? settings : { ...settings, ca: tls.cert }])
    const failure = await failureOf(catalog.lookUp(app(registry)))
    t.match(failure, message)
    t.match(failure, `unavailable: ${registry.host}/team/app: `)
    t.equal(registry.requests.length, 0)
  }
  const silent = await trapServer(t)
  const host = `127.0.0.1:${silent.port}`
  const stalled = hostileScene(t, [{ host }], { limits: { connectTimeout: 200 } })
  const failure = await failureOf(stalled.catalog.lookUp({ registry: host, repository: 'team/app' }))
  t.match(failure, /^unavailable: .*it does not finish the TLS handshake in time/)
  t.notMatch(silent.received(), /GET/)
})

t.test('F7: a registry that speaks plain HTTP where TLS is due gets no password', async t => {
  const registry = await memoryRegistry(t, { repositories })
  const { catalog } = hostileScene(t, [
    { host: registry.host, credentials: { username: 'x', password: 'hunter2' } },
  ])
  t.match(await failureOf(catalog.lookUp(app(registry))), /if it speaks plain HTTP, say insecure: true/)
  t.same([registry.requests.length, ...leaksIn(registry.requests, ['hunter2'])], [0])
})

/** A server that nothing may connect to, and names in a DNS of the test's own. */
async function names(t: Test) {
  const trap = await trapServer(t)
  const hundred = Array.from({ length: 100 }, (_, at) => `127.0.1.${at + 1}`)
  const dns = await dnsServer(t, ({ name }) => {
    if (name.startsWith('silent')) return 'drop'
    if (name.startsWith('failing')) return 'servfail'
    if (name.startsWith('hundred')) return { addresses: [...hundred, '169.254.169.254'] }
    if (name.startsWith('metadata')) return { addresses: ['169.254.169.254'] }
    if (name.startsWith('inside')) return { addresses: ['127.0.0.1'] }
    return 'nxdomain'
  })
  return { trap, resolver: resolverAt(dns) }
}

t.test('F8: names that lead nowhere, or where nothing may connect', async t => {
  const { trap, resolver } = await names(t)
  const network = watchConnections(t)
  const at = (name: string): string => `${name}.example:${trap.port}`
  const rows: readonly (readonly [RegistrySettings, RegExp])[] = [
    [{ host: at('missing') }, /^unavailable: .*its name is not in DNS/],
    [{ host: at('failing') }, /^unavailable: .*\(SERVFAIL\)/],
    [{ host: at('hundred') }, /^not-allowed: .*resolves to 169\.254\.169\.254/],
    [{ host: at('metadata') }, /^not-allowed: .*resolves to 169\.254\.169\.254/],
    [
      { host: at('inside'), addresses: 'public' },
      /^not-allowed: .*resolves to 127\.0\.0\.1, which is not a public/,
    ],
  ]
  const { catalog } = hostileScene(
    t,
    rows.map(([settings]) => settings),
    { resolver },
  )
  for (const [{ host }, message] of rows)
    t.match(await failureOf(catalog.lookUp({ registry: host, repository: 'team/app' })), message)
  t.same([...network.attempts(), trap.connections()], [0])
})

t.test('F8: sixty-four names without an answer keep nobody else waiting', async t => {
  const { resolver } = await names(t)
  const registry = await memoryRegistry(t, { repositories: all })
  const [, port = ''] = registry.host.split(':')
  const silent = Array.from({ length: 64 }, (_, at) => `silent-${at}.example`)
  const hosts = [{ host: `inside.example:${port}`, insecure: true }, ...silent.map(host => ({ host }))]
  const { catalog } = hostileScene(t, hosts, { resolver })
  let settled = 0
  const stuck = silent.map(host =>
    failureOf(catalog.lookUp({ registry: host, repository: 'x' })).finally(() => settled++),
  )
  const found = many.map(repository => catalog.lookUp({ registry: `inside.example:${port}`, repository }))
  t.equal((await Promise.all(found)).length, 20)
  t.equal(settled, 0)
  for (const failure of await Promise.all(stuck))
    t.match(failure, /^unavailable: .*DNS did not answer for its name in time/)
})
