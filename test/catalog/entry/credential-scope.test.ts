import t from 'tap'
import { createFingerprint } from '../../../src/catalog/entry/credential-scope.ts'
import type { Access, PullCredentials, TagQuery } from '../../../src/evaluation/index.ts'
import { portError } from '../../support/registry/registry-fixture.ts'
import { app, failed, hour, listing, minute, settle, setUp, tagsIn, type Answer } from '../fake-source.ts'

const secret = 'a secret'

function accessOf(namespace: string, ...passwords: readonly string[]): Access {
  const credentials: readonly PullCredentials[] = passwords.map(password => ({
    username: 'robot',
    password,
    origin: `pull secret ${namespace}/regcred`,
  }))
  return { namespace, credentialsFor: () => credentials, problems: [] }
}

// A registry that shows a private repository to who has the password, and says of the credentials that it took them.
function privately(query: TagQuery): Answer {
  return query.credentials?.some(({ password }) => password === secret) === true
    ? listing(['1.0.0'], { shared: false })
    : failed('unauthorized')
}

t.test('what was had with a secret is for its namespace alone', async t => {
  const { catalog, asked, queries } = setUp(privately)
  const own = { ...app, access: accessOf('a', secret) }
  t.equal((await catalog.lookUp(own)).learned.list.length, 1)
  t.equal(catalog.known(own)?.learned.list.length, 1)
  const others = [app, { ...app, access: accessOf('b', 'another') }, { ...app, access: accessOf('b') }]
  for (const other of others) {
    t.equal(catalog.known(other), undefined)
    t.equal((await portError(catalog.lookUp(other))).code, 'unauthorized')
  }
  // The same secret in another namespace is shown what it opens, but by the registry.
  const copy = { ...app, access: accessOf('c', secret) }
  t.equal(catalog.known(copy), undefined)
  t.equal((await catalog.lookUp(copy)).learned.list.length, 1)
  // Another secret of the same namespace is another scope.
  t.equal(catalog.known({ ...app, access: accessOf('a', 'other') }), undefined)
  t.equal(
    catalog.known({ ...app, access: accessOf('a', secret) })?.learned.list.length,
    1,
    'by what it holds, not by its array',
  )
  t.equal(asked.length, 4)
  t.equal(queries.filter(({ credentials }) => credentials === undefined).length, 1, 'asked once without any')
})

t.test('what anybody may have is for everybody', async t => {
  const { catalog, asked } = setUp(['1.0.0'])
  await catalog.lookUp({ ...app, access: accessOf('a', secret) })
  for (const wanted of [app, { ...app, access: accessOf('b', 'x') }, { ...app, access: accessOf('c') }])
    t.equal(catalog.known(wanted)?.learned.list.length, 1)
  t.equal(asked.length, 1)
  t.match(catalog.size(), { repositories: 1 })
})

t.test(
  'the scope of all namespaces is refreshed without secrets; once it is closed, namespaces see their own',
  async t => {
    const { catalog, say, pass, queries } = setUp(['1.0.0'])
    const own = { ...app, access: accessOf('a', secret) }
    await catalog.lookUp(app)
    say(privately)
    await pass(31 * minute)
    catalog.known(own)
    await settle()
    t.equal(queries.at(-1)?.credentials, undefined)
    t.equal(catalog.known(own), undefined, 'its own scope is not there yet')
    const seen = await catalog.lookUp(own)
    t.equal(seen.age, 0)
    t.equal(queries.at(-1)?.credentials?.length, 1)
    t.match(
      catalog.known(app),
      { age: 31 * minute, learned: { list: { length: 1 } } },
      'others keep what was public, with its age',
    )
    say(['1.0.0', '1.0.1'])
    await pass(hour)
    catalog.known(app)
    await settle()
    t.same(tagsIn(catalog.known(own)?.learned), ['1.0.0', '1.0.1'], 'public again')
  },
)

t.test('where the secret is of no use, what was public is shown as before', async t => {
  const { catalog, say, pass } = setUp(['1.0.0'])
  const own = { ...app, access: accessOf('a', 'of no use') }
  await catalog.lookUp(app)
  say(privately)
  await pass(31 * minute)
  catalog.known(own)
  await settle()
  t.equal((await portError(catalog.lookUp(own))).code, 'unauthorized', 'told once')
  t.match(catalog.known(own), { age: 31 * minute, learned: { list: { length: 1 } } })
})

t.test('scopes with secrets push out nothing that is shared', async t => {
  const { catalog } = setUp(
    ({ credentials }) =>
      listing(
        Array.from({ length: 100 }, (_, n) => `1.${n}`),
        { shared: credentials === undefined },
      ),
    { tags: 1000 },
  )
  for (let n = 0; n < 5; n++) await catalog.lookUp({ ...app, repository: `shared/${n}` })
  for (let n = 0; n < 50; n++)
    await catalog.lookUp({ ...app, repository: `own/${n}`, access: accessOf(`team-${n}`, secret) })
  for (let n = 0; n < 5; n++) t.ok(catalog.known({ ...app, repository: `shared/${n}` }))
  t.ok(catalog.size().repositories <= 7)
})

t.test('names of one repository share what is held', async t => {
  const { catalog, asked } = setUp(['1.0.0'], {
    locate: ({ registry, repository }) => ({
      registry: registry === 'mirror.example' ? 'r.example' : registry,
      repository,
    }),
  })
  await catalog.lookUp({ registry: 'mirror.example', repository: 'team/app' })
  t.equal(catalog.known(app)?.learned.list.length, 1)
  t.same(asked, ['r.example/team/app'])
})

t.test('a fingerprint tells nothing of the secret, and is another in another process', t => {
  const credentials = [{ username: 'robot', password: secret, origin: 'x' }]
  const [one, other] = [createFingerprint(), createFingerprint()]
  t.match(one(credentials), /^[\w-]{43}$/)
  t.equal(one(credentials), one([...credentials]))
  t.not(one(credentials), other(credentials))
  t.not(
    one([{ username: 'a', password: 'bc', origin: '' }]),
    one([{ username: 'ab', password: 'c', origin: '' }]),
  )
  const nameless = { username: '', password: '', origin: '' }
  for (const kind of ['identityToken', 'registryToken'] as const)
    t.not(one([{ ...nameless, [kind]: 'a' }]), one([{ ...nameless, [kind]: 'b' }]), kind)
  t.end()
})
