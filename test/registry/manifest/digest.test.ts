import { setTimeout as delay } from 'node:timers/promises'

import t from 'tap'

import type { DigestQuery } from '../../../src/evaluation/index.ts'
import { createSingleFlight } from '../../../src/async/keyed-work.ts'
import { childDigest, digestOf, imageManifest, platformIndex } from '../../support/registry/memory-replies.ts'
import type { MemoryRegistry, Misbehaviour } from '../../support/registry/memory-registry.ts'
import { memoryRegistry, never, portError, registryClient } from '../../support/registry/registry-fixture.ts'

const repositories = { 'team/app': ['1.0', '2.0', 'index'] }
const manifests = { 'team/app:index': platformIndex }
const plain = digestOf(imageManifest('team/app', '1.0'))
const check = 'check that this is an OCI registry and that no proxy changes its answers'

const seen = (registry: MemoryRegistry) => registry.requests.map(({ method, path }) => `${method} ${path}`)
const at = (registry: MemoryRegistry, tag: string): DigestQuery => ({
  registry: registry.host,
  repository: 'team/app',
  tag,
})

t.test('by HEAD', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  t.same(await client.digestOf(at(registry, '1.0'), never), { digest: plain, platforms: undefined })
  t.same(await client.digestOf(at(registry, 'index'), never), {
    digest: digestOf(platformIndex),
    platforms: undefined,
  })
  t.equal(await client.digestOf(at(registry, '3.0'), never), undefined, 'no such tag')
  t.equal(
    await client.digestOf({ ...at(registry, '1'), repository: 'a/b' }, never),
    undefined,
    'no such repository',
  )
  t.same(seen(registry), [
    'HEAD /v2/team/app/manifests/1.0',
    'HEAD /v2/team/app/manifests/index',
    'HEAD /v2/team/app/manifests/3.0',
    'HEAD /v2/a/b/manifests/1',
    'GET /v2/a/b/manifests/1',
  ])
  t.equal(
    registry.requests[0]?.headers.accept,
    'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, ' +
      'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
  )
  for (const tag of ['', '../x', 'a b', 'x'.repeat(129), '.a'])
    t.equal(await client.digestOf(at(registry, tag), never), undefined, `${tag} is no tag`)
  t.equal(registry.requests.length, 5)
})

t.test('a registry that does not know HEAD, or names no digest: GET', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const heads: readonly Misbehaviour[] = [
    { status: 405 },
    { status: 400 },
    { status: 200 },
    { headers: { 'docker-content-digest': 'sha256:1' } },
    { headers: { 'docker-content-digest': `md5:${'a'.repeat(32)}` } },
  ]
  for (const head of heads) {
    registry.misbehave(({ method }) => (method === 'HEAD' ? head : undefined))
    t.same(await client.digestOf(at(registry, '1.0'), never), { digest: plain, platforms: undefined })
    t.equal(await client.digestOf(at(registry, '3.0'), never), undefined)
  }
  t.match(await client.digestOf(at(registry, 'index'), never), { digest: digestOf(platformIndex) })
  t.same(seen(registry).slice(-2), ['HEAD /v2/team/app/manifests/index', 'GET /v2/team/app/manifests/index'])
  registry.misbehave(({ method }) => (method === 'HEAD' ? {} : { body: 'manifest' }))
  t.match(await client.digestOf(at(registry, '1.0'), never), { digest: digestOf('manifest') }, 'of the bytes')
  const sha512 = `sha512:${'0'.repeat(128)}`
  registry.misbehave(() => ({ headers: { 'docker-content-digest': sha512 } }))
  t.match(await client.digestOf(at(registry, '1.0'), never), { digest: sha512 })
})

t.test('404 for HEAD is believed only in a repository where HEAD has found something', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  registry.misbehave(({ method }) => (method === 'HEAD' ? { status: 404 } : undefined))
  t.same(await client.digestOf(at(registry, '1.0'), never), { digest: plain, platforms: undefined })
  t.equal(await client.digestOf(at(registry, '3.0'), never), undefined)
  t.equal(registry.requests.length, 4)
  registry.misbehave(undefined)
  await client.digestOf(at(registry, '1.0'), never)
  t.equal(await client.digestOf(at(registry, '3.0'), never), undefined)
  t.equal(registry.requests.length, 6)
})

t.test('errors', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const [head, later] = [
    { headers: { 'docker-content-digest': childDigest('f') } },
    'it is asked again later',
  ]
  const rows: readonly (readonly [string, Misbehaviour, Misbehaviour, string])[] = [
    ['an outage', { status: 500 }, {}, `the registry answered 500; ${later}`],
    ['GET is refused too', { status: 405 }, { status: 405 }, `the registry answered 405; ${check}`],
    [
      'another manifest',
      {},
      { ...head, body: platformIndex },
      `its manifest is not the one of its digest; ${check}`,
    ],
    [
      'a huge one',
      {},
      { body: Buffer.alloc(4 * 1024 * 1024 + 1) },
      `its manifest is larger than 4194304 bytes; ${check}`,
    ],
  ]
  for (const [name, byHead, byGet, message] of rows) {
    registry.misbehave(({ method }) => (method === 'HEAD' ? byHead : byGet))
    const error = await portError(client.digestOf(at(registry, 'index'), never))
    t.equal(error.message, `${registry.host}/team/app: ${message}`, name)
  }
  const elsewhere = await portError(client.digestOf({ ...at(registry, '1'), registry: 'r.example' }, never))
  t.equal(elsewhere.code, 'not-allowed')
})

t.test('on Docker Hub nothing is ever asked for by GET, for that is a pull', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [
    { host: registry.host, insecure: true, kind: 'docker-hub', apiUrl: registry.origin },
  ])
  const query = at(registry, 'index')
  t.same(await client.digestOf(query, never), { digest: digestOf(platformIndex), platforms: undefined })
  for (const head of [{ status: 405 }, {}, { headers: { 'docker-content-digest': 'x' } }]) {
    registry.misbehave(() => head)
    t.equal((await portError(client.digestOf(query, never))).code, 'invalid-answer')
  }
  const error = await portError(client.digestOf(query, never))
  t.equal(
    error.message,
    `${registry.host}/team/app: its answer to HEAD has no digest, and GET would be a pull; ${check}`,
  )
  t.ok(registry.requests.every(({ method }) => method === 'HEAD'))
})

t.test('many who ask at once are one request; other credentials are another', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const query = at(registry, 'index')
  const all = await Promise.all(Array.from({ length: 20 }, () => client.digestOf(query, never)))
  t.ok(all.every(found => found?.digest === digestOf(platformIndex)))
  t.equal(registry.requests.length, 1)
  const [one, two] = [
    [{ username: 'a', password: 'b', origin: 'c' }],
    [{ username: 'a', password: 'b', origin: 'c' }],
  ]
  await Promise.all([one, one, two, []].map(credentials => client.digestOf({ ...query, credentials }, never)))
  t.equal(registry.requests.length, 1 + 3)
})

t.test('one who leaves does not take it from the others; the last who leaves ends it', async t => {
  const flights = createSingleFlight<string>()
  const landings: ((text: string) => void)[] = []
  let ended: unknown
  const work = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      landings.push(resolve)
      signal.addEventListener('abort', () => {
        ended = signal.reason
        reject(new Error('stopped'))
      })
    })
  const [first, second] = [new AbortController(), new AbortController()]
  const left = flights.run('a', work, first.signal)
  const stayed = flights.run('a', work, second.signal)
  first.abort(new Error('enough'))
  await t.rejects(left, { message: 'enough' })
  t.equal(ended, undefined)
  landings[0]?.('here')
  t.equal(await stayed, 'here')

  const third = new AbortController()
  const alone = flights.run('a', work, third.signal)
  third.abort(new Error('enough'))
  await t.rejects(alone, { message: 'enough' })
  t.match(ended, { message: 'enough' })
  await t.rejects(flights.run('a', work, third.signal), { message: 'enough' }, 'who had left already')

  const failed = flights.run('b', () => Promise.reject(new Error('no')), never)
  await t.rejects(failed, { message: 'no' })
  t.equal(await flights.run('b', () => Promise.resolve('yes'), never), 'yes', 'a failure is not kept')
  await delay(0)
})
