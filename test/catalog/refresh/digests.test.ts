import t from 'tap'

import type { Access } from '../../../src/evaluation/index.ts'
import { createCatalog } from '../../../src/catalog/index.ts'
import { portError } from '../../support/registry/registry-fixture.ts'
import { app, failed, hour, listing, minute, settle, setUp, tagsIn } from '../fake-source.ts'

const of = (digest: string) => ({ digest: `sha256:${digest}`, platforms: undefined })

t.test('a digest is looked up once, and again when it is due', async t => {
  const { catalog, clock, digests, heads, pass } = setUp(['1.0'])
  digests.set('1.0', of('a'))
  const wanted = { ...app, tag: '1.0' }
  t.equal(catalog.knownDigest(wanted), undefined)
  const all = await Promise.all(Array.from({ length: 50 }, () => catalog.digest(wanted)))
  t.same(new Set(all.map(({ digest }) => digest?.digest)), new Set(['sha256:a']))
  t.equal(heads.length, 1, 'single flight')
  t.equal(heads[0]?.urgency, 'admission')
  await pass(29 * minute)
  t.same(catalog.knownDigest(wanted), { digest: of('a'), age: 29 * minute })
  await settle()
  t.equal(heads.length, 1)

  digests.set('1.0', of('b'))
  await pass(minute)
  t.equal(catalog.knownDigest(wanted)?.digest?.digest, 'sha256:a', 'the old one at once')
  await settle()
  const since = clock.now
  t.same(catalog.knownDigest(wanted), { digest: of('b'), age: 0, since })

  // The longer it stands still, the longer it is left alone: up to six hours.
  for (const [wait, asked] of [
    [30 * minute, 3],
    [30 * minute, 4],
    [4 * hour, 5],
    [2 * hour, 5],
    [hour, 6],
  ] as const) {
    await pass(wait)
    catalog.knownDigest(wanted)
    await settle()
    t.equal(heads.length, asked, `${wait / minute} minutes later`)
  }
  t.equal(catalog.knownDigest(wanted)?.since, since, 'since it moved, however often it is checked')
})

t.test('a tag that was not there, and comes, has what it stands for since then', async t => {
  const { catalog, clock, digests, pass } = setUp(['1.0'])
  const wanted = { ...app, tag: '1.0' }
  t.equal((await catalog.digest(wanted)).digest, undefined)
  digests.set('1.0', of('a'))
  await pass(hour)
  catalog.knownDigest(wanted)
  await settle()
  t.match(catalog.knownDigest(wanted), { digest: of('a'), since: clock.now })
})

t.test('platforms are asked for where they are wanted, once for each digest', async t => {
  const { catalog, digests, heads, gets, platforms, sources, pass } = setUp(['1.0'])
  const two = new Map([['linux/amd64', 'sha256:c']])
  digests.set('1.0', of('a'))
  platforms.set('sha256:a', two)
  sources.set('sha256:a', 'https://github.com/acme/app')
  const plain = { ...app, tag: '1.0' }
  const wanted = { ...plain, platforms: true }
  await catalog.digest(plain)
  t.equal(gets.length, 0)
  t.equal(catalog.knownDigest(wanted), undefined)
  t.equal(catalog.knownDigest(plain)?.digest?.digest, 'sha256:a')

  t.same((await catalog.digest(wanted)).digest?.platforms, two)
  t.match(gets, [{ ...app, tag: '1.0', digest: 'sha256:a', urgency: 'admission' }])
  t.same(catalog.knownDigest(wanted)?.digest?.platforms, two)
  await pass(hour)
  catalog.knownDigest(wanted)
  await settle()
  const whole = { ...of('a'), platforms: two, source: 'https://github.com/acme/app' }
  t.same(catalog.knownDigest(wanted), { digest: whole, age: 0 }, 'the same content')
  t.equal(gets.length, 1)
  digests.set('1.0', of('b'))
  await pass(hour)
  catalog.knownDigest(plain)
  await settle()
  t.equal(catalog.knownDigest(wanted), undefined, 'another content')
  await catalog.digest(wanted)
  t.same(catalog.knownDigest(wanted)?.digest, { ...of('b'), platforms: 'one' })
  t.equal(gets.length, 2)
  t.equal(heads.length, 5)
})

t.test('that a tag exists is known although its platforms cannot be had, or are not told', async t => {
  const { catalog, digests, gets, platforms, pass } = setUp(['1.0'])
  digests.set('1.0', of('a'))
  platforms.set('sha256:a', failed('unavailable'))
  const wanted = { ...app, tag: '1.0', platforms: true }
  t.equal((await portError(catalog.digest(wanted))).code, 'unavailable')
  t.equal(catalog.knownDigest(wanted), undefined)
  t.equal(catalog.knownDigest({ ...app, tag: '1.0' })?.digest?.digest, 'sha256:a')

  platforms.set('sha256:a', 'untold')
  await pass(hour)
  t.equal((await catalog.digest(wanted)).digest?.platforms, 'untold')
  platforms.set('sha256:a', 'one')
  catalog.knownDigest(wanted)
  await settle()
  t.equal(gets.length, 2)
  await pass(hour)
  catalog.knownDigest(wanted)
  await settle()
  t.equal(catalog.knownDigest(wanted)?.digest?.platforms, 'one', 'asked again with the digest')
})

t.test('what fails is not asked for at once again, and what is known stays', async t => {
  const { catalog, digests, heads, pass } = setUp(['1.0'])
  const wanted = { ...app, tag: '1.0' }
  digests.set('1.0', failed('unavailable'))
  t.equal((await portError(catalog.digest(wanted))).code, 'unavailable')
  t.equal((await portError(catalog.digest(wanted))).code, 'unavailable')
  t.equal(heads.length, 1)
  digests.set('1.0', of('a'))
  await pass(31_000)
  await catalog.digest(wanted)
  digests.set('1.0', failed('unavailable'))
  await pass(hour)
  t.same(catalog.knownDigest(wanted), { digest: of('a'), age: hour })
  await settle()
  t.same(catalog.knownDigest(wanted), { digest: of('a'), age: hour })
  t.equal(heads.length, 3)
  await catalog.close()
  await pass(hour)
  catalog.knownDigest(wanted)
  t.match(await portError(catalog.digest({ ...app, tag: '2.0' })), {
    message: 'r.example/team/app: the catalog was closed',
  })
  t.equal(heads.length, 3)
})

t.test(
  'a tag that stands for nothing is in the index no more, whatever is listed, until it is proven',
  async t => {
    const { catalog, digests, heads, pass, say, suspicions } = setUp(['1.0', '1.1'])
    digests.set('1.0', of('a'))
    const first = await catalog.lookUp(app)
    t.same(await catalog.digest({ ...app, tag: '1.1' }), { digest: undefined, age: 0 })
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0'])
    await pass(31 * minute)
    catalog.known(app)
    await settle()
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0'], 'the same listing does not bring it back')
    say(['1.0', '1.1', '1.2'])
    await pass(31 * minute)
    catalog.known(app)
    await settle()
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0', '1.2'], 'nor does another')
    t.equal(heads.length, 2, 'after an hour it is looked at once')
    digests.set('1.1', of('b'))
    await pass(31 * minute)
    catalog.known(app)
    await settle()
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0', '1.2'])
    await pass(31 * minute)
    catalog.known(app)
    await settle()
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0', '1.1', '1.2'], 'proven, it is back')
    t.equal(catalog.known(app)?.firstSeen?.('1.1'), undefined, 'and as old as it was')
    t.same(suspicions, [])
    t.equal(first.learned.list.length, 2)
  },
)

t.test('a tag that is not listed, and a repository that nobody listed', async t => {
  const { catalog, say, pass } = setUp(['1.0', '1.1'])
  t.same(await catalog.digest({ ...app, tag: '1.1' }), { digest: undefined, age: 0 })
  await catalog.lookUp(app)
  await catalog.digest({ ...app, tag: 'other' })
  t.equal(catalog.known(app)?.learned.list.length, 2)
  await pass(61 * minute)
  catalog.knownDigest({ ...app, tag: '1.1' })
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0'])
  say(['1.0'])
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  say(['1.0', '1.1'])
  await pass(hour)
  catalog.known(app)
  await settle()
  t.same(
    tagsIn(catalog.known(app)?.learned),
    ['1.0', '1.1'],
    'one that left the list and came back is a tag like any other',
  )
})

t.test('digests are seen as tags are', async t => {
  const { catalog, digests, heads } = setUp(({ credentials }) =>
    credentials === undefined ? failed('unauthorized') : listing(['1.0'], { shared: false }),
  )
  digests.set('1.0', of('a'))
  const credentials = [{ username: 'u', password: 'p', origin: 'o' }]
  const access: Access = { namespace: 'a', credentialsFor: () => credentials, problems: [] }
  const wanted = { ...app, tag: '1.0' }
  await catalog.digest({ ...wanted, access })
  t.same(heads[0]?.credentials, credentials)
  t.equal(catalog.knownDigest(wanted), undefined)
  t.equal(catalog.knownDigest({ ...wanted, access: { ...access, namespace: 'b' } }), undefined)
  t.ok(catalog.knownDigest({ ...wanted, access }))
})

t.test('a source without digests', async t => {
  const { source, settings } = setUp(['1.0'])
  const catalog = createCatalog({ listTags: (query, signal) => source.listTags(query, signal) }, settings)
  const error = await portError(catalog.digest({ ...app, tag: '1.0' }))
  t.equal(error.message, 'r.example/team/app: its source gives no digests')
})
