import t from 'tap'
import type { PullCredentials } from '../../../src/evaluation/index.ts'
import { createAuthorizer } from '../../../src/registry/auth/authorizer.ts'
import { accountOf } from '../../../src/registry/auth/identities.ts'
import { createSession, redirectOf, type SessionSubject } from '../../../src/registry/auth/session.ts'
import { checkRegistryStatus } from '../../../src/registry/auth/status.ts'
import { createTokenCache } from '../../../src/registry/auth/token-cache.ts'
import type { RegistryResponse } from '../../../src/registry/response/response.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'
import type { RegistryRequest } from '../../../src/registry/transport/send.ts'
import { testRegistry } from '../../support/network/egress-fixture.ts'

const never = new AbortController().signal
const good: PullCredentials = { username: 'good', password: 'hunter2', origin: 'pull secret a/good' }
const bad: PullCredentials = { username: 'bad', password: 'hunter3', origin: 'pull secret a/bad' }
const basic = ({ username, password }: PullCredentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A session with a registry that answers as it is told. */
function sessionWith(reply: (request: RegistryRequest) => Reply, subject: Partial<SessionSubject> = {}) {
  const { all } = createRegistries([{ host: 'registry.example' }, { host: 'other.example' }])
  const [registry] = all
  if (registry === undefined) throw new Error('none')
  const sent: RegistryRequest[] = []
  async function send(request: RegistryRequest): Promise<RegistryResponse> {
    sent.push(request)
    await new Promise(resolve => setImmediate(resolve))
    const { status = 200, headers = {}, body = '' } = reply(request)
    return { url: request.url, status, headers, body: Buffer.from(body) }
  }
  const authorize = createAuthorizer({ send, tokens: createTokenCache(() => 0), tokenResponseBytes: 1000 })
  const parts = { registries: all, send, authorize }
  const session = createSession(registry, { repository: 'team/app', ...subject }, parts)
  const page = (path: string, more: Partial<RegistryRequest> = {}): RegistryRequest => ({
    registry,
    url: new URL(path, registry.origin),
    ...more,
  })
  return { session, sent, page }
}

const unauthorized: Reply = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="https://registry.example/token",service="s"' },
}

/** Tokens are called after who gets them. */
const tokens = ({ authorization }: RegistryRequest): Reply => {
  const name = [good, bad].find(one => basic(one) === authorization)?.username ?? 'nobody'
  return { body: JSON.stringify({ token: `of-${name}` }) }
}

t.test('method, headers and urgency go with every request, whose budget it takes from too', async t => {
  const { session, sent, page } = sessionWith(
    request => {
      if (request.url.pathname === '/token') return tokens(request)
      if (request.authorization === 'Bearer of-good') return { status: 304 }
      return unauthorized
    },
    { credentials: [bad, good], urgency: 'admission' },
  )
  const asked = page('/v2/team/app/manifests/1', { method: 'HEAD', headers: { 'If-None-Match': '"1"' } })
  const response = await session.send(asked, never)
  t.equal(response.status, 304)
  t.equal(session.accepted(), good)
  t.same(
    sent.map(({ url, method, account, authorization, urgency }) => [
      url.pathname,
      method,
      account,
      authorization,
      urgency,
    ]),
    [
      ['/v2/team/app/manifests/1', 'HEAD', '', undefined, 'admission'],
      ['/token', undefined, accountOf(bad), basic(bad), 'admission'],
      ['/v2/team/app/manifests/1', 'HEAD', accountOf(bad), 'Bearer of-bad', 'admission'],
      ['/token', undefined, accountOf(good), basic(good), 'admission'],
      ['/v2/team/app/manifests/1', 'HEAD', accountOf(good), 'Bearer of-good', 'admission'],
    ],
  )
  for (const { url, headers } of sent)
    if (url.pathname !== '/token') t.same(headers, { 'If-None-Match': '"1"' })
})

t.test('what identifies us goes nowhere else', async t => {
  const { session, sent, page } = sessionWith(
    request => {
      if (request.url.pathname === '/token') return tokens(request)
      if (request.url.host === 'other.example')
        return request.url.pathname === '/denied' ? { status: 401 } : {}
      if (request.authorization !== 'Bearer of-good') return unauthorized
      const path = request.url.pathname === '/denied' ? '/denied' : '/moved'
      return { status: 307, headers: { location: `https://other.example${path}` } }
    },
    { credentials: [good] },
  )
  const { url: moved } = await session.send(page('/v2/', { method: 'HEAD' }), never)
  const last = sent.at(-1)
  t.equal(last?.registry.host, 'other.example')
  t.same(
    [last?.url.href, last?.authorization, last?.account, last?.method],
    ['https://other.example/moved', undefined, undefined, 'HEAD'],
  )
  await session.send(page('/', { url: new URL('?page=2', moved) }), never)
  t.match(sent.at(-1), { registry: { host: 'other.example' }, foreign: true }, 'what lies behind it too')
  const denied = await session.send(page('/denied'), never)
  t.throws(() => checkRegistryStatus(denied, 200), {
    message: 'the registry answered 401: the repository does not exist or is private',
  })
  for (const { url, authorization } of sent)
    t.ok(url.host === 'registry.example' || authorization === undefined)
})

t.test('requests of one session at once settle it together', async t => {
  const { session, sent, page } = sessionWith(
    request => {
      if (request.url.pathname === '/token') return tokens(request)
      return request.authorization === 'Bearer of-good' ? {} : unauthorized
    },
    { credentials: [bad, good] },
  )
  await Promise.all(['/1', '/2', '/3', '/4'].map(path => session.send(page(path), never)))
  t.equal(session.accepted(), good)
  const asked = sent.filter(({ url }) => url.pathname === '/token').map(({ authorization }) => authorization)
  t.same(asked, [basic(bad), basic(good)])
  t.equal(sent.filter(({ authorization }) => authorization === 'Bearer of-bad').length, 4)
})

t.test('requests of one session at once are all refused after one try of each', async t => {
  const { session, sent, page } = sessionWith(
    ({ url }) => (url.pathname === '/token' ? { status: 401 } : unauthorized),
    { credentials: [bad, good] },
  )
  const all = await Promise.allSettled(['/1', '/2', '/3', '/4'].map(path => session.send(page(path), never)))
  t.same(
    all.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'rejected'],
  )
  const asked = sent.filter(({ url }) => url.pathname === '/token').map(({ authorization }) => authorization)
  t.same(asked, [basic(bad), basic(good), undefined])
})

t.test('credentials that are refused later are not replaced by others', async t => {
  let holds = true
  const { session, sent, page } = sessionWith(
    request => {
      if (request.url.pathname === '/token') return tokens(request)
      return holds && request.authorization === 'Bearer of-good' ? {} : unauthorized
    },
    { credentials: [good, bad] },
  )
  await session.send(page('/1'), never)
  holds = false
  await t.rejects(session.send(page('/2'), never), {
    message: 'the registry answered 401 to pull secret a/good',
  })
  t.notOk(sent.some(({ authorization }) => authorization === basic(bad)))
})

t.test('what breaks while a token is asked for is told as it is', async t => {
  const rows = [
    [{ status: 503 }, { code: 'unavailable', message: 'its token server answered 503' }],
    [{ body: '{}' }, { code: 'invalid-answer', message: 'its token server sent no token' }],
  ] as const
  for (const [reply, expected] of rows) {
    const { session, page } = sessionWith(({ url }) => (url.pathname === '/token' ? reply : unauthorized), {
      credentials: [bad, good],
    })
    await t.rejects(session.send(page('/1'), never), expected)
  }
  const { session, page } = sessionWith(() => ({ status: 401 }))
  await t.rejects(session.send(page('/1'), never), {
    message: 'the registry answered 401 without a Bearer or Basic challenge',
  })
  const nameless = sessionWith(() => ({ status: 401, headers: { 'www-authenticate': 'Bearer service="s"' } }))
  await t.rejects(nameless.session.send(nameless.page('/1'), never), {
    message: 'its challenge names no proper token server',
  })
})

t.test('a redirect without end', async t => {
  let at = 0
  const { session, page } = sessionWith(() => ({ status: 307, headers: { location: `/${++at}` } }))
  await t.rejects(session.send(page('/0'), never), { message: 'it redirects more than 3 times' })
})

const own = testRegistry({ host: 'r.example', redirectSuffix: '-docker.pkg.example' })
const other = testRegistry({ host: 'other.example' })
const plain = testRegistry({ host: 'plain.example:5000', insecure: true })
const registries = [own, other, plain]

const answer = (location: string | undefined, status = 307) => ({
  url: new URL('https://r.example/v2/a/tags/list?n=2'),
  status,
  headers: location === undefined ? {} : { location },
  body: Buffer.alloc(0),
})

const followed: readonly (readonly [location: string, to: string, host: string, isForeign: boolean])[] = [
  ['/v2/b/tags/list', 'https://r.example/v2/b/tags/list', 'r.example', false],
  ['?n=3#part', 'https://r.example/v2/a/tags/list?n=3', 'r.example', false],
  ['https://r.example:443/x', 'https://r.example/x', 'r.example', false],
  ['https://OTHER.example/x', 'https://other.example/x', 'other.example', true],
  ['//other.example/x', 'https://other.example/x', 'other.example', true],
  ['https://eu-docker.pkg.example/x', 'https://eu-docker.pkg.example/x', 'r.example', true],
]

t.test('where a redirect may lead', t => {
  for (const status of [301, 302, 303, 307, 308])
    for (const [location, to, host, isForeign] of followed) {
      const target = redirectOf(answer(location, status), own, registries)
      t.equal(target?.url.href, to)
      t.equal(target?.registry.host, host, location)
      t.equal(target?.foreign ?? false, isForeign, location)
    }
  for (const status of [200, 204, 300, 304, 305, 306, 401, 404])
    t.equal(redirectOf(answer('https://evil.example/', status), own, registries), undefined)
  t.end()
})

const notAllowed = 'which is not allowed'
const refused: readonly (readonly [location: string | undefined, message: string])[] = [
  ['http://r.example/x', 'it redirects to http://r.example, which is not https'],
  ['http://other.example/x', 'it redirects to http://other.example, which is not https'],
  ['http://plain.example:5000/x', 'it redirects to http://plain.example:5000, which is not https'],
  ['https://r.example:444/x', `it redirects to r.example:444, ${notAllowed}`],
  ['https://other.example:8443/x', `it redirects to other.example:8443, ${notAllowed}`],
  ['https://evil.example/x', `it redirects to evil.example, ${notAllowed}`],
  ['https://r.example.evil.example/x', `it redirects to r.example.evil.example, ${notAllowed}`],
  ['https://r.example./x', `it redirects to r.example., ${notAllowed}`],
  ['https://docker.pkg.example/x', `it redirects to docker.pkg.example, ${notAllowed}`],
  [
    'https://eu-docker.pkg.example.evil.example/',
    `it redirects to eu-docker.pkg.example.evil.example, ${notAllowed}`,
  ],
  ['https://eu-docker.pkg.example:8443/', `it redirects to eu-docker.pkg.example:8443, ${notAllowed}`],
  ['https://2130706433/x', `it redirects to 127.0.0.1, ${notAllowed}`],
  ['https://[::ffff:a9fe:a9fe]/x', `it redirects to [::ffff:a9fe:a9fe], ${notAllowed}`],
  ['https://169.254.169.254/latest', `it redirects to 169.254.169.254, ${notAllowed}`],
  ['https://other.example@evil.example/x', 'it redirects without a proper address'],
  ['https://a:b@r.example/x', 'it redirects without a proper address'],
  ['https://[/x', 'it redirects without a proper address'],
  ['file:///etc/passwd', 'it redirects to null, which is not https'],
  ['data:text/plain,x', 'it redirects to null, which is not https'],
  [undefined, 'it redirects without a proper address'],
]

t.test('where it may not', t => {
  for (const [location, message] of refused)
    t.throws(
      () => redirectOf(answer(location), own, registries),
      { code: 'invalid-answer', message },
      message,
    )
  t.end()
})
