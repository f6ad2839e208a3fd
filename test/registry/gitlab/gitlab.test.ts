import t from 'tap'
import type { Test } from 'tap'

import type { TagAnswer, TagQuery } from '../../../src/evaluation/index.ts'
import { createGitlabLister } from '../../../src/registry/gitlab/gitlab.ts'
import type { Lister } from '../../../src/registry/listing/lister.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistryLimits, RegistrySettings } from '../../../src/registry/settings/settings.ts'
import { tagListOf, textsOf } from '../../../src/version/index.ts'
import { wayOut } from '../../support/registry/cloud-stand-in.ts'
import { registryOf } from '../../support/registry/broker-fixture.ts'
import { listingOf } from '../../support/registry/docker-hub-listing.ts'
import { startGitlabServer } from '../../support/registry/gitlab-server.ts'
import { never } from '../../support/registry/registry-fixture.ts'

const fromRegistry: Lister = async () => ({
  kind: 'listed',
  tags: tagListOf(['from-the-registry']),
  slice: undefined,
  published: undefined,
  validator: undefined,
  shared: true,
})

interface BudgetClaim {
  readonly settings?: Partial<RegistrySettings>
  readonly fallback?: Lister
  readonly clock?: { now: number }
}

type Ask = (
  repository: string,
  query?: Partial<TagQuery> & { limits?: Partial<RegistryLimits> },
) => Promise<TagAnswer>

function asker(
  t: Test,
  server: { host: string; origin: string },
  { settings, fallback, clock }: BudgetClaim = {},
): Ask {
  const registry = registryOf({
    host: server.host,
    kind: 'gitlab',
    apiUrl: server.origin,
    apiToken: 'glpat-x',
    insecure: true,
    limits: { requestsPerSecond: 1000, burst: 1000 },
    ...settings,
  })
  const send = wayOut(t)
  const lister = createGitlabLister({ fallback: fallback ?? fromRegistry, now: () => clock?.now ?? 0 })
  return (repository, query = {}) => lister(listingOf(send, registry, { ...query, repository }), never)
}

async function texts(answer: Promise<TagAnswer>): Promise<readonly string[]> {
  const settled = await answer
  return settled.kind === 'listed' ? textsOf(settled.tags) : [settled.kind]
}

const many = Array.from({ length: 250 }, (_, at) => `1.0.${at}`)

for (const paging of ['offset', 'keyset'] as const)
  t.test(`tags come page by page (${paging})`, async t => {
    const projects = { 'group/sub/project': { 'group/sub/project/image': many } }
    const server = await startGitlabServer(t, { projects, token: 'glpat-x', paging })
    const ask = asker(t, server)
    t.same(await texts(ask('group/sub/project/image')), many)
    t.same(
      server.requests.map(({ path }) => path.replace('/api/v4/projects/', '')),
      [
        'group%2Fsub%2Fproject%2Fimage/registry/repositories',
        'group%2Fsub%2Fproject/registry/repositories',
        ...many.slice(0, 3).map(() => 'group%2Fsub%2Fproject/registry/repositories/1/tags'),
      ],
    )
    t.ok(server.requests.every(({ headers }) => headers['private-token'] === 'glpat-x'))
    t.ok(server.requests.every(({ headers }) => headers.authorization === undefined))
    await ask('group/sub/project/image')
    t.equal(server.requests.length, 8, 'the project is looked for once')
  })

t.test('which repository of the project', async t => {
  const images = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`g/p/i${at}`, [`0.${at}`]]))
  const projects = { 'g/p': { 'g/p': ['root'], ...images, 'g/p/i/deep/er': ['deep'] } }
  const server = await startGitlabServer(t, { projects, token: 'glpat-x' })
  const ask = asker(t, server)
  t.same(await texts(ask('g/p')), ['root'])
  t.same(await texts(ask('g/p/i149')), ['0.149'])
  t.same(await texts(ask('g/p/i/deep/er')), ['deep'])
  t.same(await texts(ask('g/p/i')), ['from-the-registry'])
  t.same(await texts(ask('single')), ['from-the-registry'])
})

t.test('an instance below a path of its host', async t => {
  const server = await startGitlabServer(t, {
    projects: { 'g/p': { 'g/p': ['1'] } },
    token: 'glpat-x',
    path: '/git',
  })
  const ask = asker(t, server, { settings: { apiUrl: `${server.origin}/git/` } })
  t.same(await texts(ask('g/p')), ['1'])
})

t.test('each instance gets its own token and no other', async t => {
  const projects = { 'g/p': { 'g/p': ['1'] } }
  const one = await startGitlabServer(t, { projects, token: 'one' })
  const two = await startGitlabServer(t, { projects, token: 'two' })
  t.same(await texts(asker(t, one, { settings: { apiToken: 'one' } })('g/p')), ['1'])
  t.same(await texts(asker(t, two, { settings: { apiToken: 'two' } })('g/p')), ['1'])
  t.notMatch(JSON.stringify(one.requests), /"two"/)
  t.notMatch(JSON.stringify(two.requests), /"one"/)
})

t.test('the same tags again are unchanged', async t => {
  const projects: Record<string, Record<string, string[]>> = { 'g/p': { 'g/p': ['1', '2'] } }
  const server = await startGitlabServer(t, { projects, token: 'glpat-x' })
  const ask = asker(t, server)
  const first = await ask('g/p')
  const held = { tags: 2, validator: first.kind === 'listed' ? first.validator : undefined }
  t.same(await ask('g/p', { held }), { kind: 'unchanged', shared: true })
  projects['g/p'] = { 'g/p': ['1', '3'] }
  t.same(await texts(ask('g/p', { held })), ['1', '3'])
})

t.test('a repository that was made anew is looked for again', async t => {
  let firstId = 1
  const projects = { 'g/p': { 'g/p': ['1'] } }
  const server = await startGitlabServer(t, { projects, token: 'glpat-x', firstId: () => firstId })
  const clock = { now: 0 }
  const ask = asker(t, server, { clock })
  await ask('g/p')
  firstId = 7
  t.same(await texts(ask('g/p')), ['1'])
  clock.now += 86_400_001
  await ask('g/p')
  t.equal(server.requests.filter(({ path }) => path.endsWith('/repositories')).length, 3)
})

t.test('without a token the registry is asked at once', async t => {
  const server = await startGitlabServer(t, { projects: {}, token: 'glpat-x' })
  const registry = registryOf({ host: server.host, kind: 'gitlab', apiUrl: server.origin, insecure: true })
  const lister = createGitlabLister({ fallback: fromRegistry, now: Date.now })
  t.same(await texts(lister(listingOf(wayOut(t), registry, { repository: 'g/p' }), never)), [
    'from-the-registry',
  ])
  t.equal(server.requests.length, 0)
})

const refusing: Lister = async () => {
  throw new RegistryError('unauthorized', 'the registry answered 401', { next: 'give credentials' })
}

t.test('where both refuse, the token is what can be mended', async t => {
  const rows: readonly (readonly [number, string, string])[] = [
    [
      401,
      "GitLab's API answered 401 to the configured token, and without it the registry answered 401",
      'make a new token with the scopes read_api and read_registry, and give it as tokenFrom',
    ],
    [
      403,
      "GitLab's API answered 403 to the configured token, and without it the registry answered 401",
      'give the token the scopes read_api and read_registry, and at least the role of a Reporter',
    ],
    [
      404,
      "GitLab's API shows the configured token no such repository, and without it the registry answered 401",
      'check the name of the image, and that the token is of a member of the project (Reporter or more)',
    ],
  ]
  for (const [status, message, next] of rows) {
    const server = await startGitlabServer(t, { projects: {}, token: 'glpat-x' })
    server.misbehave(() => ({ status, body: { error: 'insufficient_scope' } }))
    const error = { name: 'RegistryError', code: 'unauthorized', message, next }
    await t.rejects(asker(t, server, { fallback: refusing })('g/p'), error)
    t.same(await texts(asker(t, server)('g/p')), ['from-the-registry'])
  }
})

t.test('a fault of the registry stays what it is', async t => {
  const server = await startGitlabServer(t, { projects: {}, token: 'glpat-x' })
  const errors = [new RegistryError('unavailable', 'away', { next: '' }), new TypeError('ours')]
  for (const error of errors)
    await t.rejects(
      asker(t, server, {
        fallback: async () => {
          throw error
        },
      })('g/p'),
      { message: error.message },
    )
})

t.test('what the API says besides', async t => {
  const cases: readonly (readonly [
    string,
    { status?: number; body?: unknown; headers?: Record<string, string> },
  ])[] = [
    ['out of order', { status: 502 }],
    ['moved', { status: 301, headers: { location: 'https://elsewhere.example/' } }],
    ['html', { body: '<html>' }],
    ['no list', { body: {} }],
    ['a repository without a number', { body: [{ path: 'g/p', id: '1/../..' }] }],
    ['pages that go round', { body: [], headers: { 'x-next-page': '1' } }],
    ['a page that is none', { body: [], headers: { 'x-next-page': '2&x=1' } }],
    ['a Link to elsewhere', { body: [], headers: { link: '<https://elsewhere.example/>; rel="next"' } }],
  ]
  for (const [what, answer] of cases) {
    const server = await startGitlabServer(t, { projects: { 'g/p': { 'g/p': ['1'] } }, token: 'glpat-x' })
    server.misbehave(() => answer)
    t.same(await texts(asker(t, server)('g/p')), ['from-the-registry'], what)
    t.ok(server.requests.length < 10, what)
  }
})

t.test('more pages or tags than may be are left to the registry', async t => {
  const server = await startGitlabServer(t, { projects: { 'g/p': { 'g/p': many } }, token: 'glpat-x' })
  const ask = asker(t, server)
  t.same(await texts(ask('g/p', { limits: { pages: 2 } })), ['from-the-registry'])
  t.same(await texts(ask('g/p', { limits: { tags: 100 } })), ['from-the-registry'])
})

t.test('where the API asks to wait nobody else is asked', async t => {
  const server = await startGitlabServer(t, { projects: {}, token: 'glpat-x' })
  server.misbehave(() => ({ status: 429, headers: { 'retry-after': '60' } }))
  await t.rejects(asker(t, server)('g/p'), { code: 'rate-limited' })
})

t.test('no legal tag is no tag', async t => {
  const server = await startGitlabServer(t, {
    projects: { 'g/p': { 'g/p': ['1.0', 'a b', '-x'] } },
    token: 'glpat-x',
  })
  t.same(await texts(asker(t, server)('g/p')), ['1.0'])
})

t.test('a tag without a name is no answer', async t => {
  const server = await startGitlabServer(t, { projects: { 'g/p': { 'g/p': ['1.0'] } }, token: 'glpat-x' })
  server.misbehave(({ path }) => (path.endsWith('/tags') ? { body: [{ path: 'x' }] } : undefined))
  t.same(await texts(asker(t, server)('g/p')), ['from-the-registry'])
})

t.test(
  'a token that is for some namespaces is used where the query says so, and told to nobody else',
  async t => {
    const projects = { 'group/project': { 'group/project/image': ['1.0.0'] } }
    const server = await startGitlabServer(t, { projects, token: 'glpat-x' })
    const ask = asker(t, server, { settings: { namespaces: ['team-a'] } })
    t.same(await texts(ask('group/project/image')), ['from-the-registry'])
    t.equal(server.requests.length, 0)
    const configured = { username: '', password: '', origin: 'configured', configured: true } as const
    const answer = await ask('group/project/image', { credentials: [configured] })
    t.match(answer, { kind: 'listed', shared: false })
    t.same(await texts(Promise.resolve(answer)), ['1.0.0'])
  },
)
