import t from 'tap'

import type { RegistrySettings } from '../../../src/registry/index.ts'
import type { MemoryRegistry, Misbehaviour } from '../../support/registry/memory-registry.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import {
  memoryRegistry,
  never,
  portError,
  registryClient,
  listed,
} from '../../support/registry/registry-fixture.ts'

const credentials = { username: 'robot', password: 'hunter2-s3cret' }
const tls = selfSigned({ addresses: ['127.0.0.1'], names: ['localhost'] })
const repositories = { 'team/app': ['1', '2', '3'] }
const check = 'check that this is an OCI registry and that no proxy changes its answers'

const wantsToken = (realm: string): Misbehaviour => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="${realm}",service="x"` },
})

const location = (to: string): Misbehaviour => ({ status: 307, headers: { location: to } })
const link = (to: string): Misbehaviour => ({
  headers: { link: `<${to}>; rel="next"` },
  body: '{"tags":["1"]}',
})

// The registry may be asked; the trap listens and must never hear a thing.
async function registryAndTrap(t: Parameters<typeof memoryRegistry>[0]) {
  const registry = await memoryRegistry(t, { repositories, tls })
  const trap = await memoryRegistry(t, { repositories, tls })
  const plainTrap = await memoryRegistry(t, { repositories })
  return { registry, trap, plainTrap }
}

function settingsOf(registry: MemoryRegistry): RegistrySettings {
  return { host: registry.host, ca: tls.cert, credentials }
}

t.test('a registry that is not allowed sees no connection', async t => {
  const { registry, trap, plainTrap } = await registryAndTrap(t)
  const client = registryClient(t, [settingsOf(registry)])
  for (const host of [
    trap.host,
    plainTrap.host,
    'localhost:2379',
    '169.254.169.254',
    '10.0.0.1',
    'kubernetes.default.svc',
    '[::ffff:a9fe:a9fe]',
    'ghcr.io',
  ]) {
    const repository = { registry: host, repository: 'team/app' }
    const error = await portError(client.listTags(repository, never))
    t.equal(error.code, 'not-allowed')
    t.equal(
      error.message,
      `${host}/team/app: the configuration does not allow this registry; add ${host} to registries, if you trust it`,
    )
    t.equal(client.refusal(repository)?.message, error.message)
  }
  t.equal(client.refusal({ registry: registry.host, repository: 'team/app' }), undefined)
  t.equal(trap.connections() + plainTrap.connections() + registry.connections(), 0)
})

t.test('a realm, redirect or Link elsewhere gets neither credentials nor a connection', async t => {
  const { registry, trap, plainTrap } = await registryAndTrap(t)
  const port = trap.host.split(':')[1] ?? ''
  const ownPort = registry.host.split(':')[1] ?? ''
  const client = registryClient(t, [settingsOf(registry)])
  const anonymous = registryClient(t, [{ host: registry.host, ca: tls.cert }])
  const tokenHost = 'if that is its token server, say so as tokenHost under registries'
  const rows: readonly (readonly [Misbehaviour, code: string, message: string])[] = [
    [
      wantsToken(`${trap.origin}/token`),
      'unauthorized',
      `it sends to ${trap.host} for a token, which is not its own host; ${tokenHost}`,
    ],
    [
      wantsToken(`https://localhost:${port}/token`),
      'unauthorized',
      `it sends to localhost:${port} for a token, which is not its own host; ${tokenHost}`,
    ],
    [
      wantsToken(`https://localhost:${ownPort}/token`),
      'unauthorized',
      `it sends to localhost:${ownPort} for a token, which is not its own host; ${tokenHost}`,
    ],
    [
      wantsToken('https://169.254.169.254/latest'),
      'unauthorized',
      `it sends to 169.254.169.254 for a token, which is not its own host; ${tokenHost}`,
    ],
    [
      wantsToken(`${plainTrap.origin}/token`),
      'unauthorized',
      `it sends to ${plainTrap.host} for a token, which is not its own host; ${tokenHost}`,
    ],
    [
      wantsToken(`http://${registry.host}/token`),
      'invalid-answer',
      `its challenge sends to http://${registry.host}, which is not https; ${check}`,
    ],
    [
      wantsToken(`https://${registry.host}@${trap.host}/token`),
      'invalid-answer',
      `its challenge names no proper token server; ${check}`,
    ],
    [
      { status: 401, headers: { 'www-authenticate': 'Bearer' } },
      'invalid-answer',
      `its challenge names no proper token server; ${check}`,
    ],
    [wantsToken('/token'), 'invalid-answer', `its challenge names no proper token server; ${check}`],
    [wantsToken(''), 'invalid-answer', `its challenge names no proper token server; ${check}`],
    [
      wantsToken('file:///etc/passwd'),
      'invalid-answer',
      `its challenge names no proper token server; ${check}`,
    ],
    [
      location(`${trap.origin}/v2/team/app/tags/list`),
      'invalid-answer',
      `it redirects to ${trap.host}, which is not allowed; if that is a registry of yours, add it to registries`,
    ],
    [
      location(`${plainTrap.origin}/v2/team/app/tags/list`),
      'invalid-answer',
      `it redirects to ${plainTrap.origin}, which is not https; ${check}`,
    ],
    [
      location(`http://${registry.host}/v2/team/app/tags/list`),
      'invalid-answer',
      `it redirects to http://${registry.host}, which is not https; ${check}`,
    ],
    [
      location(`//${trap.host}/v2/team/app/tags/list`),
      'invalid-answer',
      `it redirects to ${trap.host}, which is not allowed; if that is a registry of yours, add it to registries`,
    ],
    [
      link(`${trap.origin}/v2/team/app/tags/list?last=1`),
      'invalid-answer',
      `its Link leads to ${trap.origin}, away from ${registry.origin}; ${check}`,
    ],
    [
      link(`//${trap.host}/v2/team/app/tags/list?last=1`),
      'invalid-answer',
      `its Link leads to ${trap.origin}, away from ${registry.origin}; ${check}`,
    ],
  ]
  for (const [answer, code, message] of rows) {
    registry.misbehave(() => answer)
    for (const asker of [client, anonymous]) {
      const error = await portError(
        asker.listTags({ registry: registry.host, repository: 'team/app' }, never),
      )
      t.equal(error.message, `${registry.host}/team/app: ${message}`)
      t.equal(error.code, code)
    }
  }
  t.equal(trap.connections() + plainTrap.connections(), 0)
  t.notMatch(JSON.stringify(registry.requests), /Basic/, 'the credentials were sent nowhere at all')
})

t.test(
  'credentials go to a token server that the configuration names, and the token only to the registry',
  async t => {
    const { registry, trap: tokenServer } = await registryAndTrap(t)
    tokenServer.misbehave(() => ({ body: '{"token":"t0ken"}' }))
    registry.misbehave(({ headers }) =>
      headers.authorization === 'Bearer t0ken' ? undefined : wantsToken(`${tokenServer.origin}/token`),
    )
    const client = registryClient(t, [{ ...settingsOf(registry), tokenHost: tokenServer.host }])
    t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
      '1',
      '2',
      '3',
    ])
    t.match(tokenServer.requests[0]?.headers.authorization, /^Basic /)
    t.notMatch(JSON.stringify(registry.requests), /Basic/)
  },
)

t.test('a redirect to another allowed registry carries nothing', async t => {
  const { registry, trap: other } = await registryAndTrap(t)
  other.setTags('moved/app', ['1', '2', '3'])
  registry.misbehave(({ headers }) =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      : { status: 301, headers: { location: `${other.origin}/v2/moved/app/tags/list?n=2` } },
  )
  const client = registryClient(t, [
    settingsOf(registry),
    { ...settingsOf(other), credentials: { username: 'o', password: 'p' } },
  ])
  t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
    '1',
    '2',
    '3',
  ])
  t.equal(other.requests.length, 2, 'its pages are followed where they are')
  for (const { headers } of other.requests) t.equal(headers.authorization, undefined)

  other.misbehave(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }))
  const error = await portError(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
  t.equal(error.code, 'unauthorized')
  for (const { headers } of other.requests) t.equal(headers.authorization, undefined, 'asked for or not')
})

t.test('a redirect by suffix', async t => {
  const { registry, trap } = await registryAndTrap(t)
  const port = trap.host.split(':')[1] ?? ''
  registry.misbehave(({ headers }) =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      : { status: 307, headers: { location: `https://localhost:${port}/v2/team/app/tags/list?n=2` } },
  )
  const client = registryClient(t, [{ ...settingsOf(registry), redirectSuffix: `host:${port}` }])
  t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
    '1',
    '2',
    '3',
  ])
  for (const { headers } of trap.requests) t.equal(headers.authorization, undefined)
})

t.test('a public registry whose name leads into the network of the cluster is not contacted', async t => {
  const { trap } = await registryAndTrap(t)
  const host = `localhost:${trap.host.split(':')[1] ?? ''}`
  const client = registryClient(t, [{ host, ca: tls.cert, addresses: 'public' }])
  const error = await portError(client.listTags({ registry: host, repository: 'team/app' }, never))
  t.equal(error.code, 'not-allowed')
  t.match(
    error.message,
    /: localhost resolves to (?:127\.0\.0\.1|::1), which is not a public address; if that is meant, name the host in the configuration under registries$/,
  )
  t.equal(trap.connections(), 0)
  const named = registryClient(t, [{ host, ca: tls.cert }])
  t.same(await listed(named.listTags({ registry: host, repository: 'team/app' }, never)), ['1', '2', '3'])
})

t.test('an endpoint elsewhere', async t => {
  const { registry } = await registryAndTrap(t)
  const client = registryClient(t, [{ host: 'docker.io', endpoint: registry.origin, ca: tls.cert }])
  t.same(await listed(client.listTags({ registry: 'docker.io', repository: 'team/app' }, never)), [
    '1',
    '2',
    '3',
  ])
})

t.test('no secret in any error', async t => {
  const { registry } = await registryAndTrap(t)
  const client = registryClient(t, [settingsOf(registry)])
  const answers: readonly Misbehaviour[] = [
    { status: 403 },
    { status: 500 },
    { body: 'hunter2' },
    { pace: 'cut' },
    { status: 401 },
    { status: 429 },
  ]
  for (const answer of answers) {
    registry.misbehave(({ headers }) =>
      headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
        : answer,
    )
    const error = await portError(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
    const cause =
      error.cause instanceof Error
        ? [error.cause.message, error.cause.stack, JSON.stringify(error.cause)]
        : []
    t.notMatch(
      [error.message, error.stack, JSON.stringify(error), ...cause].join('\n'),
      /s3cret|aHVudGVy|cm9ib3Q6/,
    )
  }
})
