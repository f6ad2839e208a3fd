import t from 'tap'

import type { ReceivedRequest } from '../../support/registry/memory-registry.ts'
import {
  listed,
  memoryRegistry,
  never,
  portError,
  registryClient,
} from '../../support/registry/registry-fixture.ts'

const credentials = { username: 'robot', password: 'hunter2-s3cret' }
const repositories = { 'team/app': ['1', '2', '3'] }
const basic = `Basic ${Buffer.from('robot:hunter2-s3cret').toString('base64')}`

const summary = (requests: readonly ReceivedRequest[]) =>
  requests.map(({ path, headers }) => [path.split('?')[0], headers.authorization])

const list = '/v2/team/app/tags/list'

t.test('basic: only after the challenge, then on every page', async t => {
  const registry = await memoryRegistry(t, {
    repositories,
    pageSize: 2,
    authentication: { kind: 'basic', ...credentials },
  })
  const client = registryClient(t, [{ host: registry.host, insecure: true, credentials }])
  t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
    '1',
    '2',
    '3',
  ])
  t.same(summary(registry.requests), [
    [list, undefined],
    [list, basic],
    [list, basic],
  ])
})

t.test('basic: refused credentials are tried once', async t => {
  const registry = await memoryRegistry(t, {
    repositories,
    authentication: { kind: 'basic', username: 'x', password: 'y' },
  })
  const client = registryClient(t, [{ host: registry.host, insecure: true, credentials }])
  const error = await portError(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
  t.equal(error.code, 'unauthorized')
  t.equal(
    error.message,
    `${registry.host}/team/app: the registry answered 401 UNAUTHORIZED to the configured credentials; check the credentials and that they may pull this repository`,
  )
  t.equal(registry.requests.length, 2)
})

t.test('bearer: a token for this repository, kept until shortly before it expires', async t => {
  let now = 1_000_000
  const registry = await memoryRegistry(t, {
    repositories,
    pageSize: 2,
    authentication: { kind: 'bearer', credentials, expiresIn: 100 },
  })
  const client = registryClient(t, [{ host: registry.host, insecure: true, credentials }], { now: () => now })
  const walk = () => listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
  t.same(await walk(), ['1', '2', '3'])
  t.equal(registry.requests[1]?.path, '/token?service=memory&scope=repository%3Ateam%2Fapp%3Apull')
  const withToken = registry.requests[2]?.headers.authorization
  t.match(withToken, /^Bearer memory-token-/)
  t.same(summary(registry.requests), [
    [list, undefined],
    ['/token', basic],
    [list, withToken],
    [list, withToken],
  ])
  now += 89_000
  await walk()
  t.same(
    summary(registry.requests.slice(4)),
    [
      [list, withToken],
      [list, withToken],
    ],
    'it is not made to ask again',
  )
  now += 2_000
  await walk()
  t.same(summary(registry.requests.slice(6, 7)), [['/token', basic]])
  t.equal(registry.requests.length, 9)
})

t.test('bearer: a token that stops to hold is replaced once, in the middle of a walk too', async t => {
  const registry = await memoryRegistry(t, { repositories, pageSize: 1, authentication: { kind: 'bearer' } })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  registry.misbehave(({ path }) => {
    if (path.endsWith('last=1') && registry.requests.length === 4) registry.revokeTokens()
    return undefined
  })
  t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
    '1',
    '2',
    '3',
  ])
  registry.misbehave(undefined)
  registry.revokeTokens()
  t.same(
    await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)),
    ['1', '2', '3'],
    'the kept token does not hold',
  )
  t.equal(registry.requests.filter(({ path }) => path.startsWith('/token')).length, 3)
})

t.test('bearer: the first challenge stands when another realm comes with an expired token', async t => {
  const registry = await memoryRegistry(t, { repositories, pageSize: 1, authentication: { kind: 'bearer' } })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  let expired = false
  registry.misbehave(({ path, headers }) => {
    if (expired || !path.endsWith('last=1') || headers.authorization === undefined) return undefined
    expired = true
    registry.revokeTokens()
    return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://elsewhere.example/token"' } }
  })
  t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
    '1',
    '2',
    '3',
  ])
})

t.test('bearer: a fresh token that is refused is the end', async t => {
  const registry = await memoryRegistry(t, { repositories, authentication: { kind: 'bearer' } })
  registry.misbehave(({ path, headers }) => {
    if (headers.authorization === undefined || path.startsWith('/token')) return undefined
    return {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="/"' },
      body: '{"errors":[{"code":"UNAUTHORIZED"}]}',
    }
  })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const error = await portError(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
  t.equal(
    error.message,
    `${registry.host}/team/app: the registry answered 401 UNAUTHORIZED: the repository does not exist or is private; check its name, or give credentials under registries`,
  )
  t.equal(error.code, 'unauthorized')
  t.equal(registry.requests.length, 3)
})

t.test('token servers that answer otherwise', async t => {
  const registry = await memoryRegistry(t, { repositories, authentication: { kind: 'bearer' } })
  const check = 'check that this is an OCI registry and that no proxy changes its answers'
  const rows = [
    [
      { status: 401 },
      'unauthorized',
      'its token server answered 401 to the configured credentials; check the credentials and that they may pull this repository',
    ],
    [
      { status: 403 },
      'unauthorized',
      'its token server answered 403 to the configured credentials; check the credentials and that they may pull this repository',
    ],
    [{ status: 500 }, 'unavailable', 'its token server answered 500; it is asked again later'],
    [{ status: 408 }, 'unavailable', 'its token server answered 408; it is asked again later'],
    [{ status: 404 }, 'invalid-answer', `its token server answered 404; ${check}`],
    [
      { status: 302, headers: { location: '/elsewhere' } },
      'invalid-answer',
      `its token server answered 302; ${check}`,
    ],
    [{ body: '{}' }, 'invalid-answer', `its token server sent no token; ${check}`],
    [{ body: '[]' }, 'invalid-answer', `its token server sent no token; ${check}`],
    [{ body: '{"token":7}' }, 'invalid-answer', `its token server sent no token; ${check}`],
    [
      { body: '{"token":"a\\r\\nx-injected: b"}' },
      'invalid-answer',
      `its token server sent no token; ${check}`,
    ],
    [{ body: '<html>' }, 'invalid-answer', `its answer is not JSON but HTML; ${check}`],
    [
      { body: `{"token":"${'x'.repeat(70_000)}"}` },
      'invalid-answer',
      `its answer is larger than 65536 bytes; ${check}`,
    ],
  ] as const
  for (const [answer, code, message] of rows) {
    registry.misbehave(({ path }) => (path.startsWith('/token') ? answer : undefined))
    const client = registryClient(t, [{ host: registry.host, insecure: true, credentials }])
    const error = await portError(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
    t.equal(error.message, `${registry.host}/team/app: ${message}`)
    t.equal(error.code, code)
  }
})

t.test('access_token, and what is said of its life', async t => {
  for (const [body, asked] of [
    ['{"access_token":"memory-token-0"}', 1],
    ['{"token":"","access_token":"memory-token-0","expires_in":"long"}', 1],
    ['{"token":"memory-token-0","expires_in":-1}', 1],
    ['{"token":"memory-token-0","expires_in":5}', 2],
  ] as const) {
    const registry = await memoryRegistry(t, { repositories })
    registry.misbehave(({ path, headers }) => {
      if (path.startsWith('/token')) return { body }
      if (headers.authorization === 'Bearer memory-token-0') return undefined
      return {
        status: 401,
        headers: {
          'www-authenticate': ['Negotiate', `bearer REALM="${registry.origin}/token?account=me#part"`],
        },
      }
    })
    const client = registryClient(t, [{ host: registry.host, insecure: true }])
    for (let walks = 0; walks < 2; walks++)
      t.same(await listed(client.listTags({ registry: registry.host, repository: 'team/app' }, never)), [
        '1',
        '2',
        '3',
      ])
    const tokens = registry.requests.filter(({ path }) => path.startsWith('/token'))
    t.equal(tokens.length, asked, body)
    t.equal(tokens[0]?.path, '/token?account=me&scope=repository%3Ateam%2Fapp%3Apull')
    t.equal(tokens[0]?.headers.authorization, undefined)
  }
})

t.test('bearer: a token server that gives the refused token again is asked once', async t => {
  const registry = await memoryRegistry(t, { repositories, pageSize: 1 })
  let holds = true
  registry.misbehave(({ path, headers }) => {
    if (path.startsWith('/token')) return { body: '{"token":"always"}' }
    if (path.endsWith('last=1')) holds = false
    if (holds && headers.authorization === 'Bearer always') return undefined
    return { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.origin}/token"` } }
  })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const error = await portError(client.listTags({ registry: registry.host, repository: 'team/app' }, never))
  t.equal(error.code, 'unauthorized')
  t.same(
    summary(registry.requests).map(([path]) => path),
    [list, '/token', list, list, '/token'],
  )
})
