import { array, assert, asyncProperty, constantFrom, integer, tuple } from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'

import type { PullCredentials, TagAnswer, TagListing, TagQuery } from '../../../src/evaluation/index.ts'
import { createTokenCache } from '../../../src/registry/auth/token-cache.ts'
import { createDockerHubLister } from '../../../src/registry/docker-hub/docker-hub.ts'
import type { Lister } from '../../../src/registry/listing/lister.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistryLimits, RegistrySettings } from '../../../src/registry/settings/settings.ts'
import { tagListOf, textsOf } from '../../../src/version/index.ts'
import { wayOut } from '../../support/registry/cloud-stand-in.ts'
import { registryOf } from '../../support/registry/broker-fixture.ts'
import { listingOf } from '../../support/registry/docker-hub-listing.ts'
import {
  startHubServer,
  type HubServer,
  type HubServerTag,
} from '../../support/registry/docker-hub-server.ts'
import { listed, memoryRegistry, never, registryClient } from '../../support/registry/registry-fixture.ts'

const start = Date.parse('2026-01-01T00:00:00Z')

// `1.0.0` was pushed first.
function tagsFrom(first: number, end: number): readonly HubServerTag[] {
  return Array.from({ length: end - first }, (_, at) => ({
    name: `1.0.${first + at}`,
    pushed: start + (first + at) * 60_000,
  }))
}

type Query = Partial<TagQuery> & { readonly limits?: Partial<RegistryLimits> }

interface Setup {
  readonly ask: (query?: Query) => Promise<TagAnswer>
  readonly fallbacks: string[]
  clock: number
}

const fromRegistry: TagListing = {
  kind: 'listed',
  tags: tagListOf(['from-the-registry']),
  slice: undefined,
  published: undefined,
  validator: 'oci-1 x',
  shared: true,
}

function setUp(
  t: Test,
  server: Pick<HubServer, 'origin' | 'host'>,
  settings: Partial<RegistrySettings> = {},
): Setup {
  const registry = registryOf({
    host: server.host,
    kind: 'docker-hub',
    apiUrl: server.origin,
    insecure: true,
    limits: { requestsPerSecond: 1000, burst: 1000 },
    ...settings,
  })
  const send = wayOut(t)
  const fallbacks: string[] = []
  const fallback: Lister = async ({ query }) => {
    fallbacks.push(query.repository)
    return fromRegistry
  }
  const setup: Setup = { ask, fallbacks, clock: start }
  const { configured } = listingOf(send, registry, { repository: 'x' }).parts.authorize
  const lister = createDockerHubLister({
    fallback,
    tokens: createTokenCache(() => setup.clock),
    configured,
    now: () => setup.clock,
  })
  async function ask(query: Query = {}): Promise<TagAnswer> {
    return lister(listingOf(send, registry, { repository: 'library/nginx', ...query }), never)
  }
  return setup
}

function listingIn(answer: TagAnswer): TagListing {
  if (answer.kind !== 'listed') throw new Error('nothing is listed')
  return answer
}

function heldOf(answer: TagAnswer, additions = true): NonNullable<TagQuery['held']> {
  const { tags, validator } = listingIn(answer)
  return { tags: tags.length, validator, additions }
}

function given(username: string, password: string): PullCredentials {
  return { username, password, origin: 'pull secret a/b' }
}

function pagesIn({ requests }: HubServer): readonly string[] {
  return requests.map(({ method, path, query }) => (method === 'POST' ? path : `page ${query.get('page')}`))
}

t.test('a whole list comes newest first, with when each was pushed', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask, fallbacks } = setUp(t, server)
  const answer = listingIn(await ask())
  t.equal(answer.tags.length, 250)
  t.same(textsOf(answer.tags).slice(0, 2), ['1.0.249', '1.0.248'])
  t.equal(answer.published?.[1], start + 248 * 60_000)
  t.match(answer, { slice: undefined, shared: true, additions: undefined })
  t.same(pagesIn(server), ['page 1', 'page 2', 'page 3'], 'as many requests as there are pages')
  t.match(server.requests[0], {
    target: '/v2/repositories/library/nginx/tags?page_size=100&ordering=last_updated&page=1',
    headers: { authorization: undefined },
  })
  t.same(fallbacks, [])
})

t.test('an empty repository', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': [] } })
  const { ask } = setUp(t, server)
  const answer = await ask()
  t.equal(listingIn(answer).tags.length, 0)
  t.same(await ask({ held: heldOf(answer) }), { kind: 'unchanged', shared: true })
})

t.test('what has not changed costs one request', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask } = setUp(t, server)
  const held = heldOf(await ask())
  t.same(await ask({ held }), { kind: 'unchanged', shared: true })
  t.equal(server.requests.length, 4)
})

t.test('what is new comes alone, to who can merge it', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask } = setUp(t, server)
  const first = await ask()
  server.setTags('library/nginx', tagsFrom(0, 380))
  const second = listingIn(await ask({ held: heldOf(first) }))
  t.same(
    textsOf(second.tags),
    tagsFrom(249, 380)
      .map(({ name }) => name)
      .toReversed(),
  )
  t.same(second.additions, { total: 380 })
  t.same(pagesIn(server).slice(3), ['page 1', 'page 2'])
  t.same(await ask({ held: { ...heldOf(second), tags: 380 } }), { kind: 'unchanged', shared: true })

  const whole = listingIn(await ask({ held: heldOf(first, false) }))
  t.match({ length: whole.tags.length, additions: whole.additions }, { length: 380, additions: undefined })
})

t.test('a tag that was pushed again is among what is new', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask } = setUp(t, server)
  const first = await ask()
  const pushed = start + 1_000_000_000
  server.setTags('library/nginx', [
    { name: '1.0.3', pushed, digest: 'sha256:new' },
    ...tagsFrom(0, 3),
    ...tagsFrom(4, 250),
  ])
  const second = listingIn(await ask({ held: heldOf(first) }))
  t.same(textsOf(second.tags), ['1.0.3', '1.0.249'])
  t.same([...(second.published ?? [])], [pushed, start + 249 * 60_000])
  t.same(second.additions, { total: 250 })
})

t.test('after a deletion all is read', async t => {
  const cases: readonly (readonly [string, readonly HubServerTag[]])[] = [
    ['an old one', tagsFrom(1, 250)],
    ['the newest', tagsFrom(0, 249)],
    ['an old one, and more are new than that', [...tagsFrom(10, 252)]],
  ]
  for (const [what, tags] of cases) {
    const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
    const { ask } = setUp(t, server)
    const first = await ask()
    server.setTags('library/nginx', tags)
    const second = listingIn(await ask({ held: heldOf(first) }))
    t.equal(second.tags.length, tags.length, what)
    t.equal(second.additions, undefined, what)
  }
})

t.test('one deleted and one new: whoever merges sees by the total that it does not add up', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask } = setUp(t, server)
  const first = await ask()
  server.setTags('library/nginx', tagsFrom(1, 251))
  const second = listingIn(await ask({ held: heldOf(first) }))
  t.same(second.additions, { total: 250 })
  t.same(textsOf(second.tags), ['1.0.250', '1.0.249'], 'merged there would be 251')
})

t.test('a list that is not in the order of time is read whole each time that it changes', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask } = setUp(t, server)
  const turned = (end: number): void => {
    server.misbehave(({ query }) => {
      const page = Number(query.get('page'))
      const tags = tagsFrom(0, end).slice(page * 100 - 100, page * 100)
      const results = tags.map(({ name, pushed }) => ({ name, last_updated: new Date(pushed).toISOString() }))
      return { body: { count: end, next: page * 100 < end ? 'x' : null, results } }
    })
  }
  turned(250)
  const first = await ask()
  turned(251)
  const second = listingIn(await ask({ held: heldOf(first) }))
  t.match({ length: second.tags.length, additions: second.additions }, { length: 251, additions: undefined })
})

t.test('pages that do not add up are read once more', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const { ask, fallbacks } = setUp(t, server)
  let shrunk = 0
  server.misbehave(({ query }) => (query.get('page') === '3' && shrunk++ === 0 ? { status: 404 } : undefined))
  t.equal(listingIn(await ask()).tags.length, 250)
  t.same(pagesIn(server), ['page 1', 'page 2', 'page 3', 'page 1', 'page 2', 'page 3'])
  t.same(fallbacks, [])
})

t.test('a count that flaps while no tag is missing is taken the second time', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 150) } })
  const { ask, fallbacks } = setUp(t, server)
  server.misbehave(({ query }) => {
    if (query.get('page') !== '1') return undefined
    const results = tagsFrom(50, 150)
      .toReversed()
      .map(({ name, pushed }) => ({ name, last_updated: new Date(pushed).toISOString() }))
    return { body: { count: 160, next: 'x', results } }
  })
  t.equal(listingIn(await ask()).tags.length, 150)
  t.equal(server.requests.length, 4)
  t.same(fallbacks, [])
})

t.test('where tags are missing twice the registry is asked, and for a day at once', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 250) } })
  const setup = setUp(t, server)
  server.misbehave(({ query }) =>
    query.get('page') === '2' ? { body: { count: 250, next: 'x', results: [] } } : undefined,
  )
  t.same(textsOf(listingIn(await setup.ask()).tags), ['from-the-registry'])
  const asked = server.requests.length
  await setup.ask()
  t.equal(server.requests.length, asked, 'the API is not asked again')
  t.same(setup.fallbacks, ['library/nginx', 'library/nginx'])
  server.misbehave(undefined)
  setup.clock += 86_400_001
  t.equal(listingIn(await setup.ask()).tags.length, 250)
})

t.test('a very large repository is left to the registry', async t => {
  const server = await startHubServer(t)
  const { ask, fallbacks } = setUp(t, server)
  server.misbehave(() => ({ body: { count: 20_001, next: 'x', results: [] } }))
  t.same(textsOf(listingIn(await ask()).tags), ['from-the-registry'])
  await ask()
  t.equal(server.requests.length, 1)
  t.same(fallbacks, ['library/nginx', 'library/nginx'])
})

t.test('an endless list ends', async t => {
  const server = await startHubServer(t)
  const { ask, fallbacks } = setUp(t, server)
  server.misbehave(({ query }) => {
    const page = query.get('page') ?? ''
    const results = Array.from({ length: 100 }, (_, at) => ({ name: `p${page}-${at}` }))
    return { body: { count: 300, next: 'https://elsewhere.example/', results } }
  })
  await ask({ limits: { pages: 5 } })
  t.same(fallbacks, ['library/nginx'])
  t.ok(server.requests.length <= 12, `${server.requests.length} requests`)
})

t.test('where the API is no help the registry is asked', async t => {
  const cases: readonly (readonly [string, { status?: number; body?: unknown }])[] = [
    ['not found', { status: 404 }],
    ['forbidden', { status: 403 }],
    ['unauthorized', { status: 401 }],
    ['out of order', { status: 503 }],
    ['a teapot', { status: 418 }],
    ['html', { body: '<html>' }],
    ['another shape', { body: [] }],
    ['no count', { body: { results: [] } }],
    ['a count that is none', { body: { count: -1, results: [] } }],
    ['no results', { body: { count: 1, results: {} } }],
    ['results of another shape', { body: { count: 1, results: ['1.0'] } }],
    ['a name that is none', { body: { count: 1, results: [{ name: 7 }] } }],
  ]
  for (const [what, answer] of cases) {
    const server = await startHubServer(t)
    const { ask } = setUp(t, server)
    server.misbehave(() => answer)
    t.same(textsOf(listingIn(await ask()).tags), ['from-the-registry'], what)
    t.ok(server.requests.length >= 1, what)
  }
})

t.test('a repository that Docker Hub cannot have is not asked for there', async t => {
  const server = await startHubServer(t)
  const { ask, fallbacks } = setUp(t, server)
  await ask({ repository: 'a/b/c' })
  t.equal(server.requests.length, 0)
  t.same(fallbacks, ['a/b/c'])
})

t.test('where the API asks to wait nobody else is asked', async t => {
  const server = await startHubServer(t)
  const { ask, fallbacks } = setUp(t, server)
  server.misbehave(() => ({ status: 429, headers: { 'retry-after': '60' } }))
  await t.rejects(ask(), { name: 'RegistryError', code: 'rate-limited' })
  t.same(fallbacks, [])
})

t.test('a stopped look-up is no reason to ask the registry', async t => {
  const server = await startHubServer(t)
  const stop = new AbortController()
  const registry = registryOf({
    host: server.host,
    kind: 'docker-hub',
    apiUrl: server.origin,
    insecure: true,
  })
  const send = wayOut(t)
  const listing = listingOf(send, registry, { repository: 'library/nginx' })
  const lister = createDockerHubLister({
    fallback: async () => {
      throw new Error('the registry was asked')
    },
    tokens: createTokenCache(Date.now),
    configured: listing.parts.authorize.configured,
    now: Date.now,
  })
  server.misbehave(() => {
    stop.abort(new RegistryError('unavailable', 'stopped', { next: '' }))
    return { status: 503 }
  })
  await t.rejects(lister(listing, stop.signal), { message: 'stopped' })
})

t.test('no legal tag is no tag', async t => {
  const server = await startHubServer(t)
  const { ask } = setUp(t, server)
  server.misbehave(() => ({
    body: {
      count: 4,
      next: null,
      results: [{ name: '1.0', last_updated: 'never' }, { name: '' }, { name: 'a b' }, { name: '__proto__' }],
    },
  }))
  const answer = listingIn(await ask())
  t.same(textsOf(answer.tags), ['1.0', '__proto__'])
  t.same([...(answer.published ?? [])], [0, 0])
})

t.test('the configured credentials log in once', async t => {
  const repositories = { 'library/nginx': tagsFrom(0, 250), 'acme/app': tagsFrom(0, 1) }
  const server = await startHubServer(t, {
    repositories,
    hidden: ['acme/app'],
    accounts: { acme: 'dckr_pat_x' },
  })
  const { ask, fallbacks } = setUp(t, server, { credentials: { username: 'acme', password: 'dckr_pat_x' } })
  const answer = listingIn(await ask({ repository: 'acme/app' }))
  t.match({ tags: textsOf(answer.tags), shared: answer.shared }, { tags: ['1.0.0'], shared: true })
  await ask()
  t.same(pagesIn(server), ['/v2/auth/token', 'page 1', 'page 1', 'page 2', 'page 3'])
  t.same(fallbacks, [])
})

t.test('a token is asked for anew when it expires or is revoked', async t => {
  const repositories = { 'library/nginx': tagsFrom(0, 1) }
  const server = await startHubServer(t, { repositories, accounts: { acme: 'x' }, tokenSeconds: 120 })
  const setup = setUp(t, server, { credentials: { username: 'acme', password: 'x' } })
  const { ask } = setup
  await ask()
  setup.clock += 100_000
  await ask()
  t.equal(pagesIn(server).filter(path => path === '/v2/auth/token').length, 1)
  setup.clock += 15_000
  await ask()
  t.equal(pagesIn(server).filter(path => path === '/v2/auth/token').length, 2)
  server.revokeTokens()
  t.equal(listingIn(await ask()).tags.length, 1)
  t.equal(pagesIn(server).filter(path => path === '/v2/auth/token').length, 3)
})

t.test('a token that does not say how long it lives is held for ten minutes', async t => {
  const server = await startHubServer(t)
  const setup = setUp(t, server, { credentials: { username: 'acme', password: 'x' } })
  for (const token of ['opaque', 'a.bm90IGpzb24.c', 'a.W10.c']) {
    server.misbehave(({ method }) =>
      method === 'POST' ? { body: { access_token: token } } : { status: 404 },
    )
    const logins = (): number => pagesIn(server).filter(path => path === '/v2/auth/token').length
    const before = logins()
    await setup.ask()
    setup.clock += 580_000
    await setup.ask()
    t.equal(logins(), before + 1, token)
    setup.clock += 20_000
  }
})

t.test('credentials of the workload go first, in their order, and then it is theirs alone', async t => {
  const server = await startHubServer(t, {
    repositories: { 'acme/app': tagsFrom(0, 1) },
    hidden: ['acme/app'],
    accounts: { good: 'x', shared: 'y' },
  })
  const { ask } = setUp(t, server, { credentials: { username: 'shared', password: 'y' } })
  const own = listingIn(
    await ask({ repository: 'acme/app', credentials: [given('bad', 'x'), given('good', 'x')] }),
  )
  t.match({ tags: textsOf(own.tags), shared: own.shared }, { tags: ['1.0.0'], shared: false })
  const shared = listingIn(await ask({ repository: 'acme/app', credentials: [given('bad', 'x')] }))
  t.equal(shared.shared, true, 'the configured ones were let in')
  t.same(await ask({ repository: 'acme/app', credentials: [given('good', 'x')], held: heldOf(own) }), {
    kind: 'unchanged',
    shared: false,
  })
})

t.test('credentials that are refused leave it to the registry, and stay secret', async t => {
  const server = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 1) } })
  const { ask, fallbacks } = setUp(t, server, { credentials: { username: 'acme', password: 'hunter2' } })
  await ask()
  t.same(fallbacks, ['library/nginx'])
  t.same(pagesIn(server), ['/v2/auth/token'])
})

t.test('tokens of the registry are not shown to the API', async t => {
  const server = await startHubServer(t)
  const { ask, fallbacks } = setUp(t, server)
  const credentials = [{ username: '', password: '', registryToken: 'hunter2', origin: 'pull secret a/b' }]
  await ask({ credentials })
  t.notMatch(JSON.stringify(server.requests), /hunter2/)
  t.same(fallbacks, ['library/nginx'])
})

t.test('a token that would break a header is none', async t => {
  const server = await startHubServer(t)
  const { ask, fallbacks } = setUp(t, server, { credentials: { username: 'acme', password: 'x' } })
  server.misbehave(() => ({ body: { access_token: 'a\r\nb: c' } }))
  await ask()
  t.same(fallbacks, ['library/nginx'])
})

t.test('whatever is pushed and deleted between two refreshes, who merges has what is there', async t => {
  const server = await startHubServer(t)
  const { ask } = setUp(t, server)
  const change = tuple(constantFrom('push', 'push again', 'delete'), integer({ min: 0, max: 230 }))
  const rounds = array(array(change, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
  const property = asyncProperty(rounds, async rounds => {
    const tags = new Map(tagsFrom(0, 210).map(tag => [tag.name, tag]))
    let clock = start + 1_000_000_000
    let held: { names: Set<string>; validator: string | undefined } | undefined
    for (const changes of [[], ...rounds]) {
      for (const [what, number] of changes) {
        const name = what === 'push' ? `2.0.${number}` : `1.0.${number}`
        if (what === 'delete') tags.delete(name)
        else tags.set(name, { name, pushed: (clock += number % 3), digest: `sha256:${clock}` })
      }
      server.setTags('library/nginx', [...tags.values()])
      held = await refreshed(ask, held)
      if (held.names.size !== tags.size || [...tags.keys()].some(name => held?.names.has(name) !== true))
        return false
    }
    return true
  })
  await assert(property, { numRuns: 25 })
})

t.test('through the client: the API first, and the registry for what the API does not show', async t => {
  const hub = await startHubServer(t, { repositories: { 'library/nginx': tagsFrom(0, 3) } })
  const repositories = { 'library/nginx': ['not-asked'], 'acme/app': ['1.0'] }
  const { host } = await memoryRegistry(t, { repositories })
  const settings = {
    host,
    kind: 'docker-hub',
    apiUrl: hub.origin,
    insecure: true,
    aliases: ['mirror.example/hub'],
  } as const
  const client = registryClient(t, [settings])
  const texts = (registry: string, repository: string): Promise<readonly string[]> =>
    listed(client.listTags({ registry, repository }, never))
  t.same(await texts(host, 'library/nginx'), ['1.0.2', '1.0.1', '1.0.0'])
  t.same(await texts('mirror.example', 'hub/library/nginx'), ['1.0.2', '1.0.1', '1.0.0'])
  t.same(await texts(host, 'acme/app'), ['1.0'])
})

interface Held {
  readonly names: Set<string>
  readonly validator: string | undefined
}

// As a catalog does it.
async function refreshed(ask: Setup['ask'], held: Held | undefined): Promise<Held> {
  const query = held && { held: { tags: held.names.size, validator: held.validator, additions: true } }
  const answer = await ask(query)
  if (answer.kind === 'unchanged') return held ?? { names: new Set(), validator: undefined }
  const names = textsOf(answer.tags)
  if (answer.additions === undefined) return { names: new Set(names), validator: answer.validator }
  const merged = new Set([...(held?.names ?? []), ...names])
  return merged.size === answer.additions.total
    ? { names: merged, validator: answer.validator }
    : refreshed(ask, undefined)
}
