import t, { type Test } from 'tap'

import type { Access, PullCredentials, TagSourceCode } from '../../src/evaluation/index.ts'
import { createPullSecretCredentials, type SecretReader } from '../../src/registry/index.ts'
import { proveAgainstHostileAnswers } from '../support/registry/hostile/hostile-run.ts'
import {
  accessWith,
  failureOf,
  hostileScene,
  leaksIn,
  tagsOf,
  watchConnections,
} from '../support/registry/hostile/hostile-scene.ts'
import type { MemoryRegistry, Misbehaviour } from '../support/registry/memory-registry.ts'
import { selfSigned } from '../support/registry/registry-certificate.ts'
import { memoryRegistry, portError } from '../support/registry/registry-fixture.ts'
import { trapServer } from '../support/network/trap-server.ts'

// What the modules do one by one is in their own tests; here is what only the client and the catalog together prove.

const tls = selfSigned({ names: ['localhost'] })
const repositories = { 'team/app': ['1.0.0', '1.0.1'] }
const origin = 'pull secret a/regcred'
const byPassword: PullCredentials = { username: 'robot', password: 'hunter-password', origin }
const byIdentity: PullCredentials = { username: '', password: '', identityToken: 'hunter-identity', origin }
const byToken: PullCredentials = { username: '', password: '', registryToken: 'hunter-token', origin }
const configured = { username: 'own', password: 'hunter-own' }
const secrets = ['hunter-password', 'hunter-identity', 'hunter-token', 'hunter-own']

const app = ({ host }: MemoryRegistry) => ({ registry: host, repository: 'team/app' })
const bearer = (realm: string): Misbehaviour => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="${realm}",service="x",scope="registry:catalog:*"` },
})

async function stage(t: Test) {
  const registry = await memoryRegistry(t, { repositories, tls })
  const trap = await trapServer(t)
  const network = watchConnections(t)
  const port = registry.host.split(':')[1] ?? ''
  const scene = (): ReturnType<typeof hostileScene> =>
    hostileScene(t, [{ host: registry.host, ca: tls.cert, credentials: configured }])
  const elsewhere = (): readonly string[] => network.attempts().filter(address => address !== registry.host)
  return { registry, trap, port, scene, elsewhere }
}

t.test('5.1 row 1: a host that nobody allowed is connected to by nothing', async t => {
  const trap = await trapServer(t)
  const network = watchConnections(t)
  const { catalog } = hostileScene(t, [{ host: 'registry.example' }])
  for (const registry of [
    `127.0.0.1:${trap.port}`,
    `localhost:${trap.port}`,
    `2130706433:${trap.port}`,
    `[::ffff:127.0.0.1]:${trap.port}`,
    '169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    '10.0.0.1',
    'kubernetes.default.svc',
    '127.0.0.1.nip.io',
    'registry.example.evil.tld',
    'registry.example:444',
    `registry.example@127.0.0.1:${trap.port}`,
  ]) {
    const wanted = { registry, repository: 'team/app', access: accessWith('a', byPassword) }
    t.equal((await portError(catalog.lookUp(wanted))).code, 'not-allowed', registry)
    t.equal((await portError(catalog.digest({ ...wanted, tag: '1.0.0' }))).code, 'not-allowed', registry)
  }
  t.same(network.attempts(), [])
  t.equal(trap.connections(), 0)
})

t.test('5.1 row 2: a realm elsewhere gets no credentials of any kind, nor a connection', async t => {
  const { registry, trap, port, scene, elsewhere } = await stage(t)
  const own = registry.origin
  const rows: readonly (readonly [realm: string, TagSourceCode])[] = [
    [`https://127.0.0.1:${trap.port}/token`, 'unauthorized'],
    [`http://127.0.0.1:${trap.port}/token`, 'unauthorized'],
    [`https://localhost:${trap.port}/token`, 'unauthorized'],
    [`https://localhost:${port}/token`, 'unauthorized'],
    [`https://127.0.0.1.evil.example:${port}/token`, 'unauthorized'],
    ['http://169.254.169.254/latest/meta-data', 'unauthorized'],
    ['https://[::ffff:169.254.169.254]/', 'unauthorized'],
    [`https://${registry.host}@127.0.0.1:${trap.port}/token`, 'invalid-answer'],
    [`http://${registry.host}/token`, 'invalid-answer'],
    ['file:///var/run/secrets/token', 'invalid-answer'],
  ]
  for (const [realm, code] of rows)
    for (const credentials of [byPassword, byIdentity]) {
      registry.misbehave(() => bearer(realm))
      const { catalog } = scene()
      const wanted = { ...app(registry), access: accessWith('a', credentials) }
      t.equal((await portError(catalog.lookUp(wanted))).code, code, realm)
      t.equal((await portError(catalog.digest({ ...wanted, tag: '1.0.0' }))).code, code, realm)
    }
  t.same(leaksIn(registry.requests, secrets), [], 'nor does the registry that sends there')
  const before = registry.requests.length
  registry.misbehave(({ path }) =>
    path.startsWith('/token')
      ? { status: 307, headers: { location: `https://127.0.0.1:${trap.port}/token` } }
      : bearer(`${own}/token`),
  )
  for (const credentials of [byPassword, byIdentity]) {
    const failure = await failureOf(
      scene().catalog.lookUp({ ...app(registry), access: accessWith('a', credentials) }),
    )
    t.match(failure, 'invalid-answer: ')
    t.match(failure, 'its token server answered 307')
  }
  t.notMatch(
    JSON.stringify(registry.requests.slice(before).map(({ path }) => decodeURIComponent(path))),
    /registry:catalog/,
    'the scope is ours and not the challenge’s',
  )
  t.same([...elsewhere(), trap.connections()], [0])
})

t.test('5.1 row 3: redirects and links take nothing along', async t => {
  const { registry, trap, scene, elsewhere } = await stage(t)
  const targets = [
    `https://127.0.0.1:${trap.port}`,
    `http://${registry.host}`,
    'https://169.254.169.254',
    '//10.0.0.1',
  ]
  const answers = targets.flatMap((target): readonly Misbehaviour[] => {
    const url = `${target}/v2/team/app/tags/list?last=1.0.0`
    const link = { headers: { link: `<${url}>; rel="next"` }, body: '{"tags":["1.0.0"]}' }
    return [...[301, 302, 303, 307, 308].map(status => ({ status, headers: { location: url } })), link]
  })
  for (const answer of answers)
    for (const credentials of [byPassword, byIdentity, byToken]) {
      registry.misbehave(({ headers, path }) => {
        if (path.startsWith('/token')) return { body: '{"token":"a-token"}' }
        return headers.authorization === undefined ? bearer(`${registry.origin}/token`) : answer
      })
      const wanted = { ...app(registry), access: accessWith('a', credentials) }
      t.equal((await portError(scene().catalog.lookUp(wanted))).code, 'invalid-answer')
    }
  t.same([...elsewhere(), trap.connections()], [0])
})

t.test(
  '5.1 row 3: another registry that is allowed is sent to without anything that tells who asks',
  async t => {
    const { registry } = await stage(t)
    const other = await memoryRegistry(t, {
      repositories: { 'team/app': ['2.0.0', '2.0.1', '2.0.2'] },
      tls,
      pageSize: 1,
    })
    registry.misbehave(({ headers, path }) => {
      if (path.startsWith('/token')) return { body: '{"token":"a-token"}' }
      if (headers.authorization === undefined) return bearer(`${registry.origin}/token`)
      const cookie = 'session=hunter-cookie; Domain=localhost'
      return {
        status: 307,
        headers: { location: `${other.origin}${path}`, 'set-cookie': cookie, etag: '"hunter-tag"' },
      }
    })
    for (const credentials of [byPassword, byIdentity, byToken]) {
      const { catalog, pass, settle } = hostileScene(t, [
        { host: registry.host, ca: tls.cert, credentials: configured },
        { host: other.host, ca: tls.cert, credentials: configured },
      ])
      const wanted = { ...app(registry), access: accessWith('a', credentials) }
      t.same(tagsOf((await catalog.lookUp(wanted)).learned), ['2.0.0', '2.0.1', '2.0.2'])
      t.equal((await catalog.digest({ ...wanted, tag: '2.0.0' })).digest?.digest.slice(0, 7), 'sha256:')
      pass(31 * 60_000)
      catalog.known(wanted)
      await settle()
    }
    t.ok(other.requests.length >= 21)
    for (const { headers } of other.requests)
      t.same(Object.keys(headers).toSorted(), ['accept', 'accept-encoding', 'connection', 'host'])
    t.notMatch(JSON.stringify(registry.requests), /cookie/, 'no cookie is ever sent back')
  },
)

t.test('5.1 rows 4 and 5: what comes later and is none leaves what is held, with its age', async t => {
  const registry = await memoryRegistry(t, { repositories })
  const { catalog, pass, settle } = hostileScene(t, [{ host: registry.host, insecure: true }], {
    limits: { responseBytes: 10_000, pages: 5, tags: 100, idleTimeout: 100 },
  })
  const wanted = app(registry)
  await catalog.lookUp(wanted)
  let page = 0
  const answers: readonly (() => Misbehaviour)[] = [
    () => ({ pace: 'endless', body: '{"tags":["9.9.9"' }),
    () => ({ body: `{"tags":["9.9.9"],"x":"${'x'.repeat(20_000)}"}` }),
    () => ({ body: '{"tags":["9.9.9"', headers: { 'content-length': '16' } }),
    () => ({ body: '{"tags":["9.9.9"]}', headers: { link: `<?last=${++page}>; rel="next"` } }),
    () => ({ body: JSON.stringify({ tags: Array.from({ length: 101 }, (_, at) => `9.9.${at}`) }) }),
    () => ({ body: '<html>9.9.9' }),
    () => ({ body: Buffer.from('{"tags":["9.9.9","\xff"]}', 'latin1') }),
    () => ({ body: '{"__proto__":{"tags":["9.9.9"]}}' }),
  ]
  for (const [at, answer] of answers.entries()) {
    registry.misbehave(answer)
    pass(31 * 60_000)
    catalog.known(wanted)
    await settle()
    const known = catalog.known(wanted)
    t.same(tagsOf(known?.learned), ['1.0.0', '1.0.1'], `answer ${at}`)
    t.ok((known?.age ?? 0) >= (at + 1) * 31 * 60_000, 'it is as old as the last good answer')
  }
})

t.test('5.1 row 6: a lie stays with the registry that tells it, and a tag that is none goes', async t => {
  const liar = await memoryRegistry(t, { repositories: { 'team/app': ['1.0.0', '9.9.9'] } })
  const honest = await memoryRegistry(t, { repositories })
  const { catalog } = hostileScene(t, [
    { host: liar.host, insecure: true },
    { host: honest.host, insecure: true },
  ])
  liar.misbehave(({ path }) => (path.endsWith('/manifests/9.9.9') ? { status: 404 } : undefined))
  t.same(tagsOf((await catalog.lookUp(app(liar))).learned), ['1.0.0', '9.9.9'])
  t.equal((await catalog.digest({ ...app(liar), tag: '9.9.9' })).digest, undefined)
  t.same(tagsOf(catalog.known(app(liar))?.learned), ['1.0.0'])
  t.same(tagsOf((await catalog.lookUp(app(honest))).learned), ['1.0.0', '1.0.1'])
  t.match(
    liar.requests.map(({ method }) => method),
    ['GET', 'HEAD'],
  )
})

/** A cluster with a docker configuration `regcred` in each namespace: the password of `robot` by host. */
function cluster(namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>): SecretReader {
  return {
    async pullSecret(namespace) {
      const passwords = namespaces[namespace]
      if (passwords === undefined) return { kind: 'not-found', why: 'secrets "regcred" not found' }
      const auths = Object.fromEntries(
        Object.entries(passwords).map(([host, password]) => [host, { username: 'robot', password }]),
      )
      const data = { '.dockerconfigjson': JSON.stringify({ auths }) }
      return { kind: 'found', type: 'kubernetes.io/dockerconfigjson', data }
    },
    serviceAccount: async () => ({ kind: 'found', pullSecrets: [] }),
  }
}

t.test('5.1 rows 7 and 8: a secret serves its own namespace, host and path', async t => {
  const authentication = { kind: 'basic', username: 'robot', password: 'hunter-a' } as const
  const registry = await memoryRegistry(t, {
    repositories: { ...repositories, 'team/appendix': ['1'] },
    authentication,
  })
  const evil = await memoryRegistry(t, { repositories, authentication })
  const port = registry.host.split(':')[1] ?? ''
  const pullAccess = createPullSecretCredentials({
    secrets: cluster({
      a: { [`${registry.host}/team/app`]: 'hunter-a' },
      b: { [registry.host]: 'hunter-b' },
    }),
    now: Date.now,
  })
  const as = (namespace: string): Access | Promise<Access> =>
    pullAccess.accessOf({ namespace, serviceAccount: 'default', pullSecrets: ['regcred'] })
  const lookalike = `localhost:${port}`
  const hosts = [registry.host, lookalike, evil.host]
  const { catalog } = hostileScene(
    t,
    hosts.map(host => ({ host, insecure: true })),
  )
  const passwordsOf = (from: number): readonly string[] =>
    leaksIn(registry.requests.slice(from), ['hunter-a', 'hunter-b'])

  const [a, b, c] = [await as('a'), await as('b'), await as('c')]
  t.same(tagsOf((await catalog.lookUp({ ...app(registry), access: a })).learned), ['1.0.0', '1.0.1'])
  t.same(passwordsOf(0), ['hunter-a'])
  for (const [access, sent] of [
    [b, ['hunter-b']],
    [c, []],
    [undefined, []],
  ] as const) {
    const from = registry.requests.length
    const wanted = { ...app(registry), ...(access !== undefined && { access }) }
    t.equal(catalog.known(wanted), undefined)
    const failure = await failureOf(catalog.lookUp(wanted))
    t.match(failure, /^unauthorized: /)
    t.notMatch(failure, /hunter|a\/regcred/)
    t.equal(catalog.knownDigest({ ...wanted, tag: '1.0.0' }), undefined)
    t.same(passwordsOf(from), sent)
  }
  const from = registry.requests.length
  const others = [
    { registry: registry.host, repository: 'team/appendix' },
    { registry: lookalike, repository: 'team/app' },
    { registry: evil.host, repository: 'team/app' },
  ]
  for (const wanted of others)
    t.match(await failureOf(catalog.lookUp({ ...wanted, access: a })), /^unauthorized: /)
  t.same(passwordsOf(from), [], 'not for a path that begins alike, nor for another name of the host')
  t.same(leaksIn(evil.requests, ['hunter-a', 'hunter-b']), [], 'nor on another port')
})

// 10,000 of them are in test/integration, and how long they hold up the event loop.
t.test('500 hostile answers', async t => void (await proveAgainstHostileAnswers(t, 500)))
