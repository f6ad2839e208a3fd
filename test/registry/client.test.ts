import { setTimeout as delay } from 'node:timers/promises'

import t from 'tap'

import { createRegistryClient } from '../../src/registry/index.ts'
import type { MemoryRegistry, Misbehaviour } from '../support/registry/memory-registry.ts'
import {
  memoryRegistry,
  never,
  portError,
  registryClient,
  listed,
} from '../support/registry/registry-fixture.ts'

async function received(registry: MemoryRegistry, count: number): Promise<void> {
  while (registry.requests.length < count) await delay(5)
}

const manyTags = Array.from({ length: 25 }, (_, at) => `1.0.${at}`)

const at = (registry: MemoryRegistry, repository = 'team/app') => ({ registry: registry.host, repository })

t.test('every page to the end', async t => {
  for (const pageSize of [1, 7, 24, 25, 1000]) {
    const registry = await memoryRegistry(t, { repositories: { 'team/app': manyTags }, pageSize })
    const client = registryClient(t, [{ host: registry.host, insecure: true }])
    const tags = await listed(client.listTags(at(registry), never))
    t.same(tags.toSorted(), manyTags.toSorted(), `pages of ${pageSize}`)
    t.equal(registry.requests.length, Math.ceil(25 / pageSize))
    t.equal(registry.requests[0]?.path, '/v2/team/app/tags/list?n=1000')
    t.match(registry.requests[0]?.headers, {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'patchline/test',
      authorization: undefined,
    })
  }
})

t.test('what an answer means', async t => {
  const registry = await memoryRegistry(t)
  const droppings: unknown[] = []
  const options = {
    limits: { responseBytes: 300, tags: 10 },
    onDropped: (...dropping: unknown[]) => droppings.push(dropping),
  }
  const client = registryClient(t, [{ host: registry.host, insecure: true }], options)
  const lists: readonly (readonly [string, Misbehaviour, readonly string[]])[] = [
    ['tags: null', { body: '{"name":"x","tags":null}' }, []],
    ['no tags', { body: '{"tags":[]}' }, []],
    ['a tag twice', { body: '{"tags":["a","b","a"]}' }, ['a', 'b', 'a']],
    ['garbage tags', { body: '{"tags":["","__proto__","a b","\\u0000","a"]}' }, ['__proto__', 'a']],
    ['a type that lies', { headers: { 'content-type': 'text/html' }, body: '{"tags":["a"]}' }, ['a']],
    ['identity', { headers: { 'content-encoding': 'identity' }, body: '{"tags":["a"]}' }, ['a']],
    ['a moved path', { status: 307, headers: { location: '/moved' } }, ['moved']],
  ]
  for (const [name, answer, expected] of lists) {
    registry.misbehave(({ path }) => (path === '/moved' ? { body: '{"tags":["moved"]}' } : answer))
    t.same(await listed(client.listTags(at(registry), never)), expected, name)
  }
  t.same(droppings, [[registry.host, 3]], 'what is no tag is counted')
  const check = 'check that this is an OCI registry and that no proxy changes its answers'
  const later = 'it is asked again later'
  const errors: readonly (readonly [string, Misbehaviour, string, string])[] = [
    [
      'HTML',
      { body: '<!doctype html><p>log in' },
      'invalid-answer',
      `its answer is not JSON but HTML; ${check}`,
    ],
    ['empty', { body: '' }, 'invalid-answer', `its answer is not JSON; ${check}`],
    [
      'not UTF-8',
      { body: Buffer.from('{"tags":["\xff"]}', 'latin1') },
      'invalid-answer',
      `its answer is not UTF-8; ${check}`,
    ],
    ['another shape', { body: '[]' }, 'invalid-answer', `its answer has no list of tags; ${check}`],
    ['null', { body: 'null' }, 'invalid-answer', `its answer has no list of tags; ${check}`],
    ['no tags key', { body: '{"name":"x"}' }, 'invalid-answer', `its answer has no list of tags; ${check}`],
    [
      'tags no list',
      { body: '{"tags":{"a":1}}' },
      'invalid-answer',
      `its tags are not a list of texts; ${check}`,
    ],
    [
      'tags no texts',
      { body: '{"tags":["a",1]}' },
      'invalid-answer',
      `its tags are not a list of texts; ${check}`,
    ],
    [
      'too large',
      { body: `{"tags":["${'x'.repeat(300)}"]}` },
      'invalid-answer',
      `its answer is larger than 300 bytes; ${check}`,
    ],
    [
      'endless',
      { body: 'x'.repeat(1000), pace: 'endless' },
      'invalid-answer',
      `its answer is larger than 300 bytes; ${check}`,
    ],
    [
      'too many tags',
      { body: JSON.stringify({ tags: manyTags }) },
      'invalid-answer',
      `it has more than 10 tags; ${check}`,
    ],
    [
      'compressed',
      { headers: { 'content-encoding': 'gzip' }, body: 'x' },
      'invalid-answer',
      `its answer is compressed although that was not asked for; ${check}`,
    ],
    ['404', { status: 404, body: 'no' }, 'not-found', 'the registry has no such repository; check its name'],
    [
      '400 NAME_UNKNOWN',
      { status: 400, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' },
      'not-found',
      'the registry has no such repository; check its name',
    ],
    [
      '400',
      { status: 400, body: '{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}' },
      'invalid-answer',
      `the registry answered 400 PAGINATION_NUMBER_INVALID; ${check}`,
    ],
    [
      'hostile code',
      { status: 418, body: '{"errors":[{"code":"\\u001b[31m"},1,null]}' },
      'invalid-answer',
      `the registry answered 418; ${check}`,
    ],
    ['204', { status: 204 }, 'invalid-answer', `the registry answered 204; ${check}`],
    [
      '403',
      { status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
      'unauthorized',
      'the registry answered 403 DENIED: the repository does not exist or is private; check its name, or give credentials under registries',
    ],
    [
      '401 bare',
      { status: 401 },
      'unauthorized',
      'the registry answered 401 without a Bearer or Basic challenge; check that this is an OCI registry',
    ],
    [
      '401 basic',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
      'unauthorized',
      'the registry wants a name and a password; give credentials under registries',
    ],
    ['500', { status: 500 }, 'unavailable', `the registry answered 500; ${later}`],
    [
      '503 with a huge page',
      { status: 503, body: 'x'.repeat(1000), pace: 'endless' },
      'unavailable',
      `the registry answered 503; ${later}`,
    ],
    ['408', { status: 408 }, 'unavailable', `the registry answered 408; ${later}`],
    ['cut', { pace: 'cut' }, 'unavailable', `it closed the connection; ${later}`],
    [
      '100 kB of headers',
      { headers: { x: 'x'.repeat(100_000) } },
      'invalid-answer',
      `its headers are too long; ${check}`,
    ],
    [
      'redirect to itself',
      { status: 302, headers: { location: '/v2/team/app/tags/list' } },
      'invalid-answer',
      `it redirects more than 3 times; ${check}`,
    ],
    [
      'redirect to nowhere',
      { status: 302 },
      'invalid-answer',
      `it redirects without a proper address; ${check}`,
    ],
    [
      'redirect with a name',
      { status: 302, headers: { location: 'http://a:b@127.0.0.1/' } },
      'invalid-answer',
      `it redirects without a proper address; ${check}`,
    ],
    ['304', { status: 304 }, 'invalid-answer', `the registry answered 304; ${check}`],
    [
      'Link to itself',
      { headers: { link: '</v2/team/app/tags/list?n=1000>; rel="next"' }, body: '{"tags":["a"]}' },
      'invalid-answer',
      `its pages of tags go round in a circle; ${check}`,
    ],
    [
      'Link with one last',
      { headers: { link: '</v2/team/app/tags/list?n=1&last=a>; rel="next"' }, body: '{"tags":["a"]}' },
      'invalid-answer',
      `its pages of tags go round in a circle; ${check}`,
    ],
  ]
  for (const [name, answer, code, message] of errors) {
    registry.misbehave(() => answer)
    // One of its own, for a registry that fails again and again is left alone for a while.
    const fresh = registryClient(t, [{ host: registry.host, insecure: true }], options)
    const error = await portError(fresh.listTags(at(registry), never))
    t.equal(error.message, `${registry.host}/team/app: ${message}`, name)
    t.equal(error.code, code, name)
  }
  registry.misbehave(undefined)
  registry.setTags('team/app', ['ok'])
  t.same(await listed(client.listTags(at(registry), never)), ['ok'], 'none of them left the client broken')
})

t.test('a Link to a foreign path says which kind mends it', async t => {
  const registry = await memoryRegistry(t)
  const link = '</repository/docker/v2/team/app/tags/list?n=1000&last=a>; rel="next"'
  registry.misbehave(({ path }) =>
    path.includes('last=') ? { body: '{"tags":["b"]}' } : { headers: { link }, body: '{"tags":["a"]}' },
  )
  const mends =
    'if it is a Nexus or an Artifactory, say kind: nexus or kind: artifactory under registries; else'
  for (const kind of ['oci', 'harbor'] as const) {
    const client = registryClient(t, [{ host: registry.host, insecure: true, kind }])
    const { message } = await portError(client.listTags(at(registry), never))
    t.equal(
      message,
      `${registry.host}/team/app: its Link leads to another repository or path; ${mends} check that this is an OCI registry and that no proxy changes its answers`,
    )
  }
  for (const kind of ['nexus', 'artifactory'] as const) {
    const client = registryClient(t, [{ host: registry.host, insecure: true, kind }])
    t.same(await listed(client.listTags(at(registry), never)), ['a', 'b'])
  }
})

t.test('slowness of every kind', async t => {
  const registry = await memoryRegistry(t)
  const rows = [
    [{ pace: 'never' }, { headersTimeout: 100 }, 'it does not begin to answer in time'],
    [{ pace: 'stalled' }, { idleTimeout: 100 }, 'it stopped in the middle of an answer'],
    [
      { pace: 'drip', body: 'x'.repeat(5000) },
      { requestTimeout: 200 },
      'it did not answer in full within 0.2 s',
    ],
    [{ pace: 'never' }, { walkTimeout: 40 }, 'its tags were not listed within 0.04 s'],
  ] as const
  for (const [answer, limits, message] of rows) {
    registry.misbehave(() => answer)
    const client = registryClient(t, [{ host: registry.host, insecure: true }], { limits })
    const error = await portError(client.listTags(at(registry), never))
    t.equal(error.message, `${registry.host}/team/app: ${message}; it is asked again later`)
    t.equal(error.code, 'unavailable')
  }
})

t.test('pages without end', async t => {
  const registry = await memoryRegistry(t)
  let page = 0
  registry.misbehave(() => ({
    headers: { link: `<?n=1&last=${++page}>; rel="next"` },
    body: JSON.stringify({ tags: [`t${page}`] }),
  }))
  const limited = registryClient(t, [{ host: registry.host, insecure: true }], { limits: { pages: 20 } })
  const pages = await portError(limited.listTags(at(registry), never))
  t.match(pages, { code: 'invalid-answer', message: /: it has more than 20 pages of tags;/ })
  t.equal(registry.requests.length, 20)

  const bytes = registryClient(t, [{ host: registry.host, insecure: true }], {
    limits: { repositoryBytes: 100 },
  })
  const large = await portError(bytes.listTags(at(registry), never))
  t.match(large, { code: 'invalid-answer', message: /: its tags are more than 100 bytes;/ })

  const slow = registryClient(t, [{ host: registry.host, insecure: true }], { limits: { walkTimeout: 40 } })
  const late = await portError(slow.listTags(at(registry), never))
  t.match(late, { code: 'unavailable', message: /: its tags were not listed within 0.04 s;/ })
})

t.test('pages that go round in a circle of two', async t => {
  const registry = await memoryRegistry(t)
  registry.misbehave(({ path }) => ({
    headers: { link: `<?last=${path.endsWith('last=a') ? 'b' : 'a'}>; rel="next"` },
    body: '{"tags":["x"]}',
  }))
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const error = await portError(client.listTags(at(registry), never))
  t.match(error, { code: 'invalid-answer', message: /go round in a circle/ })
  t.equal(registry.requests.length, 3)
})

t.test('an empty page whose Link leads to itself is the end', async t => {
  const registry = await memoryRegistry(t)
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  for (const [tags, query] of [
    ['[]', '?n=1000&last=b'],
    ['null', '?last=b&n=50'],
  ] as const) {
    registry.misbehave(({ path }) => ({
      headers: { link: `<${query}>; rel="next"` },
      body: path.includes('last=') ? `{"tags":${tags}}` : '{"tags":["a","b"]}',
    }))
    t.same(await listed(client.listTags(at(registry), never)), ['a', 'b'], query)
  }
  t.equal(registry.requests.length, 4)
  registry.misbehave(({ path }) => ({ headers: { link: `<${path}>; rel="next"` }, body: '{"tags":[]}' }))
  t.same(await listed(client.listTags(at(registry), never)), [], 'also the first page')
})

t.test('an empty page in the middle is not the end', async t => {
  const registry = await memoryRegistry(t)
  registry.misbehave(({ path }) => {
    if (path.endsWith('last=b')) return { body: '{"tags":["c"]}' }
    const [last, tags] = path.endsWith('last=a') ? ['b', null] : ['a', ['a']]
    return { headers: { link: `<?last=${last}>; rel="next"` }, body: JSON.stringify({ tags }) }
  })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  t.same(await listed(client.listTags(at(registry), never)), ['a', 'c'])
})

t.test('an error on a later page is never a short list', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': manyTags }, pageSize: 10 })
  registry.misbehave(({ path }) => (path.includes('last=') ? { status: 500 } : undefined))
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  t.match(await portError(client.listTags(at(registry), never)), { code: 'unavailable' })
})

t.test('the signal stops a look-up, and close stops all', async t => {
  const registry = await memoryRegistry(t)
  registry.misbehave(() => ({ pace: 'never' }))
  const client = createRegistryClient({
    registries: [{ host: registry.host, insecure: true }],
    userAgent: 'x',
    now: Date.now,
  })
  const controller = new AbortController()
  const stopped = portError(client.listTags(at(registry), controller.signal))
  const closed = portError(client.listTags(at(registry, 'team/other'), never))
  await received(registry, 2)
  controller.abort(new Error('a reason'))
  t.match(await stopped, { code: 'unavailable', message: /: the look-up was stopped;/ })
  await client.close()
  t.match(await closed, { code: 'unavailable', message: /: the client was closed;/ })
  t.match(await portError(client.listTags(at(registry), never)), { message: /: the client was closed;/ })
  const aborted = registryClient(t, [{ host: registry.host, insecure: true }])
  t.match(await portError(aborted.listTags(at(registry), AbortSignal.abort())), { message: /was stopped/ })
  t.equal(registry.requests.length, 2)
})

t.test('four requests at a time', async t => {
  const registry = await memoryRegistry(t)
  let most = 0
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  registry.misbehave(() => {
    most = Math.max(most, registry.requests.length)
    return { pace: 'never' }
  })
  const controller = new AbortController()
  const all = Array.from({ length: 9 }, (_, n) =>
    portError(client.listTags(at(registry, `a/${n}`), controller.signal)),
  )
  await received(registry, 4)
  await delay(30) // in which a fifth would come
  controller.abort()
  await Promise.all(all)
  t.equal(most, 4)
  t.equal(registry.connections(), 4)
})

t.test(
  'a kind with an API of its own is asked by that, and by the registry API where that fails',
  async t => {
    const registry = await memoryRegistry(t, { repositories: { 'team/app': ['a'] } })
    const api = { apiUrl: registry.origin, apiToken: 'x' }
    for (const kind of ['docker-hub', 'gitlab'] as const) {
      const client = registryClient(t, [{ host: registry.host, insecure: true, kind, ...api }])
      const before = registry.requests.length
      t.same(await listed(client.listTags(at(registry), never)), ['a'])
      const paths = registry.requests.slice(before).map(({ path }) => path)
      t.notMatch(paths[0], /^\/v2\/team/, `${kind}: ${paths.join(' ')}`)
      t.match(paths.at(-1), /^\/v2\/team\/app\/tags\/list/)
    }
  },
)

t.test('who may know an answer', async t => {
  const [pod, configured] = [
    { username: 'pod', password: 'x', origin: 'pull secret a/b' },
    { username: 'own', password: 'y' },
  ]
  for (const [credentials, shared] of [
    [pod, false],
    [configured, true],
  ] as const) {
    const registry = await memoryRegistry(t, {
      repositories: { 'team/app': ['a'] },
      authentication: { kind: 'basic', ...credentials },
    })
    const client = registryClient(t, [{ host: registry.host, insecure: true, credentials: configured }])
    const answer = await client.listTags({ ...at(registry), credentials: [pod] }, never)
    t.match(answer, { kind: 'listed', shared })
  }
})

t.test('an alias: the tags are asked for where they are, and errors name what was asked', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': ['a'] } })
  const client = registryClient(t, [{ host: registry.host, insecure: true, aliases: ['old.example/x'] }])
  const old = { registry: 'old.example', repository: 'x/team/app' }
  t.same(await listed(client.listTags(old, never)), ['a'])
  t.match(await client.digestOf({ ...old, tag: 'a' }, never), { digest: /^sha256:/ })
  t.same(client.locate(old), at(registry))
  t.same(client.hosts(), [registry.host])
  t.same(client.circuits(), [{ registry: registry.host, position: 'closed' }])
  t.same(client.budgets(), [])
  const error = await portError(client.listTags({ ...old, repository: 'x/team/none' }, never))
  t.equal(error.message, 'old.example/x/team/none: the registry has no such repository; check its name')
})

t.test('a mistake stays what it is', async t => {
  const client = registryClient(t, [{ host: 'r.example' }])
  const repository = {
    registry: 'r.example',
    get repository(): string {
      throw new TypeError('a mistake')
    },
  }
  await t.rejects(client.listTags(repository, never), new TypeError('a mistake'))
})
