import { createServer } from 'node:http'
import { once } from 'node:events'

import t, { type Test } from 'tap'

import type { PullCredentials, TagQuery } from '../../../src/evaluation/index.ts'
import type { RegistrySettings } from '../../../src/registry/index.ts'
import type { MemoryRegistry, ReceivedRequest } from '../../support/registry/memory-registry.ts'
import {
  listed,
  memoryRegistry,
  never,
  portError,
  registryClient,
} from '../../support/registry/registry-fixture.ts'

const repositories = { 'team/app': ['1', '2', '3'], 'team/other': ['9'] }
const passwords = ['good-s3cret', 'bad-s3cret', 'other-s3cret', 'refresh-s3cret', 'bearer-s3cret'] as const
const [good, bad, other, refresh, bearer] = passwords

const pull = (username: string, password: string): PullCredentials => ({
  username,
  password,
  origin: `pull secret team-a/${username}`,
})
const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

interface Rules {
  readonly scheme: 'basic' | 'bearer'
  /** Whom the token server knows; undefined stands for nobody in particular. */
  readonly known?: readonly (string | undefined)[]
  /** Who may read. */
  readonly readers: readonly (string | undefined)[]
  /** What others are told who have shown something. */
  readonly refusal?: 401 | 403
  /** What needs no credentials at all. */
  readonly open?: RegExp
}

const users: Readonly<Record<string, string>> = {
  [basic('good', good)]: 'good',
  [basic('other', other)]: 'other',
  [basic('config', good)]: 'config',
}

/** A memory registry with several users. */
async function registryWith(t: Test, rules: Rules, pageSize = 1000): Promise<MemoryRegistry> {
  const registry = await memoryRegistry(t, { repositories, pageSize })
  const { scheme, known = rules.readers, readers, refusal = 401, open } = rules
  const challenge =
    scheme === 'basic' ? 'Basic realm="x"' : `Bearer realm="${registry.origin}/token",service="memory"`
  const unauthorized = { status: 401, headers: { 'www-authenticate': challenge } }
  const tokenReply = ({ headers }: ReceivedRequest) => {
    const user =
      headers.authorization === undefined ? undefined : (users[headers.authorization] ?? 'stranger')
    return known.includes(user) ? { body: JSON.stringify({ token: `of-${String(user)}` }) } : { status: 401 }
  }
  const userOf = (authorization: string): string | undefined => {
    if (scheme === 'basic') return users[authorization] ?? 'stranger'
    const user = authorization.replace('Bearer of-', '')
    return user === 'undefined' ? undefined : user
  }
  registry.misbehave(request => {
    const { authorization } = request.headers
    if (request.path.startsWith('/token')) return tokenReply(request)
    if (open?.test(request.path) === true) return undefined
    if (authorization === undefined) return unauthorized
    if (readers.includes(userOf(authorization))) return undefined
    return refusal === 401 ? unauthorized : { status: 403, body: '{"errors":[{"code":"DENIED"}]}' }
  })
  return registry
}

const query = (registry: MemoryRegistry, ...credentials: PullCredentials[]): TagQuery => ({
  registry: registry.host,
  repository: 'team/app',
  credentials,
})
const settings = (registry: MemoryRegistry, more: Partial<RegistrySettings> = {}): RegistrySettings => ({
  host: registry.host,
  insecure: true,
  ...more,
})
const configured = { credentials: { username: 'config', password: good } }
const shown = ({ requests }: MemoryRegistry) =>
  requests.map(({ path, headers }) => {
    const { authorization = 'nothing' } = headers
    const known = users[authorization] ?? (authorization.startsWith('Basic') ? 'stranger' : authorization)
    return `${path.startsWith('/token') ? 'token' : 'list'}: ${known}`
  })

t.test('one after the other, until the registry takes one', async t => {
  const strangers = [pull('bad', bad), pull('good', bad)]
  const rows: readonly (readonly [
    name: string,
    rules: Rules,
    given: readonly PullCredentials[],
    more: Partial<RegistrySettings>,
    expected: readonly string[],
    shared: boolean,
  ])[] = [
    [
      'by its token server',
      { scheme: 'bearer', readers: ['good'] },
      [...strangers, pull('good', good), pull('other', other)],
      {},
      ['list: nothing', 'token: stranger', 'token: stranger', 'token: good', 'list: Bearer of-good'],
      false,
    ],
    [
      'with a token that is not enough (401)',
      { scheme: 'bearer', known: ['other', 'good'], readers: ['good'] },
      [pull('other', other), pull('good', good)],
      {},
      ['list: nothing', 'token: other', 'list: Bearer of-other', 'token: good', 'list: Bearer of-good'],
      false,
    ],
    [
      'with a token that is not enough (403)',
      { scheme: 'bearer', known: ['other', 'good'], readers: ['good'], refusal: 403 },
      [pull('other', other), pull('good', good)],
      {},
      ['list: nothing', 'token: other', 'list: Bearer of-other', 'token: good', 'list: Bearer of-good'],
      false,
    ],
    [
      'with passwords',
      { scheme: 'basic', readers: ['good'] },
      [pull('bad', bad), pull('other', other), pull('good', good)],
      {},
      ['list: nothing', 'list: stranger', 'list: other', 'list: good'],
      false,
    ],
    [
      'with passwords (403)',
      { scheme: 'basic', readers: ['good'], refusal: 403 },
      [pull('other', other), pull('good', good)],
      {},
      ['list: nothing', 'list: other', 'list: good'],
      false,
    ],
    [
      "then the configuration's",
      { scheme: 'bearer', readers: ['config'] },
      strangers,
      configured,
      ['list: nothing', 'token: stranger', 'token: stranger', 'token: config', 'list: Bearer of-config'],
      true,
    ],
    [
      'then nobody, where nothing is configured',
      { scheme: 'bearer', readers: [undefined] },
      strangers,
      {},
      ['list: nothing', 'token: stranger', 'token: stranger', 'token: nothing', 'list: Bearer of-undefined'],
      true,
    ],
    [
      'the same twice is once',
      { scheme: 'basic', readers: ['good'] },
      [pull('bad', bad), { ...pull('bad', bad), origin: 'pull secret team-a/again' }, pull('good', good)],
      {},
      ['list: nothing', 'list: stranger', 'list: good'],
      false,
    ],
  ]
  for (const [name, rules, given, more, expected, shared] of rows) {
    const registry = await registryWith(t, rules)
    const client = registryClient(t, [settings(registry, more)])
    const answer = await client.listTags(query(registry, ...given), never)
    t.same(shown(registry), expected, name)
    t.equal(answer.shared, shared, name)
    t.same(await listed(Promise.resolve(answer)), ['1', '2', '3'])
  }
})

t.test('what was taken is kept to, and what was refused is not tried again', async t => {
  const registry = await registryWith(t, { scheme: 'basic', readers: ['good'] }, 1)
  const client = registryClient(t, [settings(registry)])
  await client.listTags(query(registry, pull('bad', bad), pull('good', good)), never)
  t.same(shown(registry), ['list: nothing', 'list: stranger', 'list: good', 'list: good', 'list: good'])
})

t.test('the same refused by all is said once, and of whom', async t => {
  const messages: string[] = []
  const three = [pull('bad', bad), pull('x', bad), pull('other', bad), pull('y', bad)]
  const next = 'check that they hold and may pull this repository'
  const known = ['other', 'stranger', 'config'] as const
  const rows: readonly (readonly [Rules, readonly PullCredentials[], Partial<RegistrySettings>, string])[] = [
    [
      { scheme: 'basic', readers: [] },
      [pull('bad', bad)],
      {},
      `the registry answered 401 to pull secret team-a/bad; ${next}`,
    ],
    [
      { scheme: 'basic', readers: [] },
      three,
      configured,
      `the registry answered 401 to pull secret team-a/bad, pull secret team-a/x, pull secret team-a/other and 2 more; ${next}`,
    ],
    [
      { scheme: 'bearer', readers: [] },
      [pull('bad', bad)],
      configured,
      `its token server answered 401 to pull secret team-a/bad, the configured credentials; ${next}`,
    ],
    [
      { scheme: 'bearer', known: [...known, undefined], readers: [], refusal: 403 },
      [pull('bad', bad)],
      {},
      `the registry answered 403 DENIED to pull secret team-a/bad and without credentials; ${next}`,
    ],
    [
      { scheme: 'bearer', known, readers: [], refusal: 403 },
      [],
      configured,
      'the registry answered 403 DENIED to the configured credentials; check the credentials and that they may pull this repository',
    ],
    [
      { scheme: 'bearer', readers: [] },
      [],
      {},
      'its token server answered 401; check the credentials under registries, and the name of the repository',
    ],
    [
      { scheme: 'basic', readers: [] },
      [],
      {},
      'the registry wants a name and a password; give credentials under registries',
    ],
  ]
  for (const [rules, given, more, message] of rows) {
    const registry = await registryWith(t, rules)
    const client = registryClient(t, [settings(registry, more)])
    const error = await portError(client.listTags(query(registry, ...given), never))
    t.equal(error.code, 'unauthorized')
    t.equal(error.message, `${registry.host}/team/app: ${message}`)
    messages.push(error.message, error.stack ?? '', JSON.stringify(error), String(error.cause))
    const asked = shown(registry).filter(one => !one.endsWith('nothing'))
    t.equal(
      new Set(registry.requests.map(({ path, headers }) => `${path} ${headers.authorization ?? ''}`)).size,
      registry.requests.length,
      asked.join(),
    )
  }
  for (const password of passwords) t.notOk(messages.join('\n').includes(password))
  t.notMatch(messages.join('\n'), /Basic |Bearer of-/)
})

t.test('a registry that always asks is not made to ask for each repository', async t => {
  const registry = await registryWith(t, { scheme: 'bearer', readers: ['good'] })
  const client = registryClient(t, [settings(registry)])
  await client.listTags(query(registry, pull('good', good)), never)
  await client.listTags({ ...query(registry, pull('good', good)), repository: 'team/other' }, never)
  t.same(shown(registry).slice(3), ['token: good', 'list: Bearer of-good'])
  const token = registry.requests[3]
  t.equal(token?.path, '/token?service=memory&scope=repository%3Ateam%2Fother%3Apull')
})

t.test('a registry that does not ask for everything is asked without anything first', async t => {
  const rules: Rules = { scheme: 'bearer', readers: ['good'], open: /team\/other/ }
  const registry = await registryWith(t, rules)
  const client = registryClient(t, [settings(registry)])
  const open = { ...query(registry), repository: 'team/other' }
  await client.listTags(query(registry, pull('good', good)), never)
  t.equal((await client.listTags({ ...open, credentials: [pull('bad', bad)] }, never)).shared, true)
  t.same(shown(registry).slice(3), ['token: stranger', 'token: nothing', 'list: nothing'], 'learnt')
  t.equal((await client.listTags({ ...open, credentials: [pull('good', good)] }, never)).shared, true)
  t.same(shown(registry).slice(6), ['list: nothing'])
})

t.test('another challenge for another repository', async t => {
  const registry = await memoryRegistry(t, { repositories })
  registry.misbehave(({ path, headers: { authorization } }) => {
    if (path.startsWith('/token')) return { body: '{"token":"of-good"}' }
    if (path.includes('team/other'))
      return authorization === basic('good', good)
        ? undefined
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
    if (authorization === 'Bearer of-good') return undefined
    return { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.origin}/token"` } }
  })
  const client = registryClient(t, [settings(registry)])
  const given = query(registry, pull('good', good))
  t.same(await listed(client.listTags(given, never)), ['1', '2', '3'])
  t.same(await listed(client.listTags({ ...given, repository: 'team/other' }, never)), ['9'])
  t.same(await listed(client.listTags(given, never)), ['1', '2', '3'])
})

t.test('a token server that is no longer there is looked for again', async t => {
  const registry = await registryWith(t, { scheme: 'bearer', readers: ['good'] })
  const client = registryClient(t, [settings(registry)])
  await client.listTags(query(registry, pull('good', good)), never)
  registry.misbehave(({ path }) => (path.startsWith('/token') ? { status: 404 } : undefined))
  const answer = client.listTags({ ...query(registry, pull('good', good)), repository: 'team/other' }, never)
  t.same(await listed(answer), ['9'])
})

t.test('a token server that is out of order is not gone', async t => {
  const registry = await registryWith(t, { scheme: 'bearer', readers: ['good'] })
  const client = registryClient(t, [settings(registry)])
  const given = query(registry, pull('good', good))
  await client.listTags(given, never)
  registry.misbehave(({ path }) => (path.startsWith('/token') ? { body: '<html>', status: 429 } : undefined))
  const error = await portError(client.listTags({ ...given, repository: 'team/other' }, never))
  t.equal(error.code, 'rate-limited')
  t.equal(registry.requests.at(-1)?.path.startsWith('/token'), true)
})

t.test('many at once ask for one token', async t => {
  const registry = await registryWith(t, { scheme: 'bearer', readers: ['good', 'other'] })
  const client = registryClient(t, [settings(registry)])
  const ask = (credentials: PullCredentials) => client.listTags(query(registry, credentials), never)
  await Promise.all(Array.from({ length: 20 }, () => ask(pull('good', good))))
  t.equal(shown(registry).filter(one => one === 'token: good').length, 1)
  await Promise.all(Array.from({ length: 5 }, () => ask(pull('other', other))))
  t.equal(shown(registry).filter(one => one === 'token: other').length, 1, 'never with the token of another')
  t.equal(shown(registry).filter(one => one === 'list: Bearer of-other').length, 5)
})

t.test('one that gives up does not take the token away from the others', async t => {
  const registry = await registryWith(t, { scheme: 'bearer', readers: ['good'] })
  const client = registryClient(t, [settings(registry)])
  const leaving = new AbortController()
  const given = query(registry, pull('good', good))
  const first = client.listTags(given, leaving.signal)
  const second = client.listTags(given, never)
  while (!shown(registry).includes('token: good')) await new Promise(resolve => setImmediate(resolve))
  leaving.abort()
  await t.rejects(first)
  t.same(await listed(second), ['1', '2', '3'])
})

type Bodies = (readonly [string, string | undefined, string])[]

/** A registry with the OAuth 2.0 exchange of identity tokens. */
async function exchanging(t: Test): Promise<{ readonly host: string; readonly bodies: Bodies }> {
  const bodies: Bodies = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      bodies.push([
        `${request.method ?? ''} ${request.url ?? ''}`,
        request.headers.authorization,
        form.toString(),
      ])
      const isToken = request.url === '/oauth'
      const isKnown = isToken
        ? form.get('refresh_token') === refresh
        : request.headers.authorization === `Bearer ${bearer}`
      if (isKnown)
        return void response.end(isToken ? `{"access_token":"${bearer}","scope":"x"}` : '{"tags":["1"]}')
      response.setHeader(
        'www-authenticate',
        `Bearer realm="http://${request.headers.host ?? ''}/oauth",service="registry"`,
      )
      response.writeHead(isToken ? 400 : 401).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return { host, bodies }
}

const form = (identity: string): string =>
  `grant_type=refresh_token&service=registry&client_id=patchline&scope=repository%3Ateam%2Fapp%3Apull&refresh_token=${identity}`

t.test('an identity token is exchanged', async t => {
  const { host, bodies } = await exchanging(t)
  const client = registryClient(t, [{ host, insecure: true }])
  const token = { username: '', password: '', origin: 'test' }
  const credentials = [
    { ...token, identityToken: 'stale' },
    { ...token, identityToken: refresh },
  ]
  t.same(await listed(client.listTags({ registry: host, repository: 'team/app', credentials }, never)), ['1'])
  t.same(bodies.slice(1, 3), [
    ['POST /oauth', undefined, form('stale')],
    ['POST /oauth', undefined, form(refresh)],
  ])
  t.same(bodies[3]?.slice(0, 2), ['GET /v2/team/app/tags/list?n=1000', `Bearer ${bearer}`])
})

t.test('a registry token is shown as it is, and a name is needed for a password', async t => {
  const { host, bodies } = await exchanging(t)
  const client = registryClient(t, [{ host, insecure: true }])
  const token = { username: '', password: '', origin: 'test' }
  const credentials = [token, { ...token, password: 'x' }, { ...token, registryToken: bearer }]
  const answer = client.listTags({ registry: host, repository: 'team/app', credentials }, never)
  t.same(await listed(answer), ['1'])
  t.same(
    bodies.map(([, authorization]) => authorization),
    [undefined, `Bearer ${bearer}`],
  )
})

t.test('of a docker configuration under registries', async t => {
  const dockerConfig = JSON.stringify({
    auths: { '127.0.0.*': { auth: 'eDp5' }, 'ghcr.io': { username: 'good', password: good } },
  })
  const registry = await registryWith(t, { scheme: 'basic', readers: ['good'] })
  const auth = Buffer.from(`good:${good}`).toString('base64')
  const own = JSON.stringify({ auths: { [registry.host]: { auth } } })
  const client = registryClient(t, [settings(registry, { dockerConfig: own })])
  t.same(await listed(client.listTags(query(registry), never)), ['1', '2', '3'])
  const stranger = registryClient(t, [settings(registry, { dockerConfig })])
  const error = await portError(stranger.listTags(query(registry), never))
  t.match(error.message, /wants a name and a password/, 'another host, another port')
})
