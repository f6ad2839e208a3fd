import t, { type Test } from 'tap'

import type { TagListing, TagQuery } from '../../src/evaluation/index.ts'
import type { RegistryClient, RegistrySettings } from '../../src/registry/index.ts'
import { textsOf } from '../../src/version/index.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { imageManifest } from '../support/registry/memory-replies.ts'
import { listed, never, portError, registryClient } from '../support/registry/registry-fixture.ts'
import { pushTags, startDistribution } from '../support/registry/registry-process.ts'
import { storeTags } from '../support/registry/registry-storage.ts'
import { startTokenServer } from '../support/registry/token-server.ts'

const tags = Array.from({ length: 23 }, (_, at) => `1.25.${at}`)
// 500 lines of 40 tags.
const manyTags = Array.from({ length: 20_000 }, (_, at) => `1.${Math.floor(at / 40)}.${at % 40}`)
const manifest = imageManifest('team/app', 'any')
const account = { username: 'robot', password: 'hunter2-s3cret' }
// Of that password, made once: Node has no bcrypt.
const hash = '$2y$05$PatchlineTestSaltAAAAOT9NZ6/FA/qBCk5hGAYu6T4HVqzVT6K6'
// As fast as it can.
const limits = { requestsPerSecond: 10_000, burst: 10_000 }

interface Contract {
  readonly client: RegistryClient
  readonly host: string
  /** Of the manifest of every tag of team/app. */
  readonly digest: string
}

/** What every registry with `team/app` must do. */
async function contract(t: Test, { client, host, digest }: Contract): Promise<void> {
  const app = { registry: host, repository: 'team/app' }
  const none = { registry: host, repository: 'team/none' }
  const answer = listingOf(await client.listTags(app, never))
  t.same(textsOf(answer.tags).toSorted(), tags.toSorted(), 'every tag of every page')
  const held = { tags: tags.length, validator: answer.validator }
  t.same(await client.listTags({ ...app, held }, never), { kind: 'unchanged', shared: true })
  const error = await portError(client.listTags(none, never))
  t.equal(error.message, `${host}/team/none: the registry has no such repository; check its name`)
  t.equal(error.code, 'not-found')
  t.same(await client.digestOf({ ...app, tag: '1.25.3' }, never), { digest, platforms: undefined })
  t.equal(await client.digestOf({ ...app, tag: '1.25.99' }, never), undefined)
  t.equal(await client.digestOf({ ...none, tag: '1' }, never), undefined)
}

function listingOf(answer: Awaited<ReturnType<RegistryClient['listTags']>>): TagListing {
  if (answer.kind !== 'listed') throw new Error('nothing was listed')
  return answer
}

function clientOf(
  t: Test,
  origin: string,
  settings: Omit<RegistrySettings, 'host'> = {},
): Omit<Contract, 'digest'> {
  const { host } = new URL(origin)
  return { host, client: registryClient(t, [{ host, insecure: true, limits, ...settings }]) }
}

t.test('in memory', async t => {
  const manifests = Object.fromEntries(tags.map(tag => [`team/app:${tag}`, manifest]))
  const registry = await startMemoryRegistry({ repositories: { 'team/app': tags }, pageSize: 5, manifests })
  t.teardown(() => registry.close())
  const { 'docker-content-digest': digest = '' } = await headers(
    `${registry.origin}/v2/team/app/manifests/1.25.0`,
  )
  await contract(t, { ...clientOf(t, registry.origin), digest })
})

async function headers(url: string): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(url, { method: 'HEAD', headers: { accept: '*/*' } })
  return Object.fromEntries(response.headers)
}

t.test('distribution v3, which pages', async t => {
  const distribution = await startDistribution({ version: 'v3', maxTags: 5 })
  t.teardown(() => distribution.close())
  const digest = await pushTags(distribution.origin, 'team/app', tags)

  const page = await fetch(`${distribution.origin}/v2/team/app/tags/list?n=1000`)
  t.match(page.headers.get('link'), /last=/, 'it gives one page of several')
  t.equal((await page.text()).match(/1\.25\./g)?.length, 5)
  await contract(t, { ...clientOf(t, distribution.origin), digest })
})

t.test('docker-registry of Debian, v2, which does not, with htpasswd', async t => {
  const authentication = { kind: 'htpasswd', username: account.username, hash } as const
  const distribution = await startDistribution({ version: 'v2', authentication })
  t.teardown(() => distribution.close())
  const digest = await storeTags(distribution.storage, 'team/app', { manifest, tags })
  const { host } = new URL(distribution.origin)
  const app = { registry: host, repository: 'team/app' }
  await contract(t, { ...clientOf(t, distribution.origin, { credentials: account }), digest })
  t.ok(
    (await distribution.requests()).every(request => !/^GET \S+\/team\/app\/manifests/.test(request)),
    'digests by HEAD alone, where that has found one',
  )

  const { client } = clientOf(t, distribution.origin)
  t.equal(
    (await portError(client.listTags(app, never))).message,
    `${host}/team/app: the registry wants a name and a password; give credentials under registries`,
  )
  const pod = { ...account, origin: 'pull secret team-a/regcred' }
  const wrong = { ...pod, password: 'x', origin: 'pull secret team-a/old' }
  const refused = await portError(client.listTags({ ...app, credentials: [wrong] }, never))
  t.equal(refused.code, 'unauthorized')
  t.match(refused.message, `${host}/team/app: `)
  t.match(refused.message, 'pull secret team-a/old')
  const answer = await client.listTags({ ...app, credentials: [wrong, pod] }, never)
  t.match(
    answer,
    { kind: 'listed', shared: false },
    'the second secret is taken, and the answer is for who has it',
  )
})

t.test('distribution v3 with token authentication and 20,000 tags', async t => {
  const service = 'registry.test'
  const tokens = await startTokenServer({ service, ...account, open: ['team/app'] })
  t.teardown(() => tokens.close())
  const { realm, issuer, certificates } = tokens
  const authentication = { kind: 'token', realm, service, issuer, certificates } as const
  const distribution = await startDistribution({ version: 'v3', authentication })
  t.teardown(() => distribution.close())
  const digest = await storeTags(distribution.storage, 'team/app', { manifest, tags })
  await storeTags(distribution.storage, 'team/huge', { manifest, tags: manyTags })
  const huge = { registry: new URL(distribution.origin).host, repository: 'team/huge' }
  const settings = { tokenHost: tokens.host, credentials: account }

  await t.test('the contract', async t => {
    await contract(t, { ...clientOf(t, distribution.origin, settings), digest })
  })

  async function pagesOf(
    query: Omit<TagQuery, 'registry' | 'repository'>,
  ): Promise<{ requests: readonly string[]; answer: TagListing }> {
    const { client } = clientOf(t, distribution.origin, settings)
    const before = (await distribution.requests()).length
    const answer = listingOf(await client.listTags({ ...huge, ...query }, never))
    const requests = (await distribution.requests()).slice(before)
    return { requests: requests.filter(request => request.endsWith(' 200')), answer }
  }

  await t.test('all of them: every page that it names, and one token', async t => {
    const before = tokens.asked.length
    const { requests, answer } = await pagesOf({})
    t.same(textsOf(answer.tags), manyTags.toSorted())
    t.equal(answer.slice, undefined)
    t.equal(requests.length, 21, 'behind its last page, which is full, it names an empty one')
    t.same(tokens.asked.slice(before), [['repository:team/huge:pull', account.username]])
  })

  await t.test('a slice of it: five pages and one, and then one', async t => {
    const first = await pagesOf({ slice: '1.499' })
    t.equal(first.answer.slice, '1.499')
    t.same(
      textsOf(first.answer.tags).filter(tag => tag.startsWith('1.499')),
      manyTags.filter(tag => tag.startsWith('1.499')).toSorted(),
    )
    t.equal(first.requests.length, 6)
    t.match(first.requests.at(-1), /^GET \/v2\/team\/huge\/tags\/list\?n=1000&last=1\.498 200$/)

    const held = { tags: first.answer.tags.length, validator: first.answer.validator }
    const { client } = clientOf(t, distribution.origin, settings)
    const before = (await distribution.requests()).length
    t.same(await client.listTags({ ...huge, slice: '1.499', held }, never), {
      kind: 'unchanged',
      shared: true,
    })
    const requests = (await distribution.requests()).slice(before)
    t.equal(requests.filter(request => request.endsWith(' 200')).length, 1)
  })

  await t.test('nobody may read it without an account', async t => {
    const { client } = clientOf(t, distribution.origin, { tokenHost: tokens.host })
    const error = await portError(client.listTags(huge, never))
    t.equal(error.code, 'unauthorized')
    t.match(error.message, `${huge.registry}/team/huge: the registry answered 401`)
    t.equal(
      (await listed(client.listTags({ ...huge, repository: 'team/app' }, never))).length,
      23,
      'but what is open',
    )
  })
})
