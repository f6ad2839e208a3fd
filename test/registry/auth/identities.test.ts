import t from 'tap'

import { accountOf, createIdentities, createConfiguredReader } from '../../../src/registry/auth/identities.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'

const never = new AbortController().signal

function registry() {
  const [only] = createRegistries([{ host: 'registry.example' }]).all
  if (only === undefined) throw new Error('none')
  return only
}

t.test('credentials of a cloud are asked for when it is their turn', async t => {
  let asked = 0
  const provider = {
    async credentials() {
      asked++
      return { username: 'AWS', password: 'x' }
    },
  }
  const given = { username: 'a', password: 'b', origin: 'pull secret a/b' }
  const subject = { repository: 'team/app', credentials: [given] }
  const identities = createIdentities({ ...registry(), provider }, subject, createConfiguredReader())
  t.equal((await identities.next(never))?.given, given)
  t.equal(asked, 0)
  const second = await identities.next(never)
  t.match(second, { credentials: { username: 'AWS' }, given: undefined, label: 'the configured credentials' })
  t.equal(asked, 1)
  t.equal(await identities.next(never), undefined)
  t.equal(await identities.next(never), undefined)
  t.equal(asked, 1)
})

t.test('a cloud that gives none is asked again by whoever comes next', async t => {
  const error = new RegistryError('unavailable', 'no credentials', { next: 'wait' })
  let asked = 0
  const provider = {
    async credentials() {
      if (asked++ === 0) throw error
      return { username: 'AWS', password: 'x' }
    },
  }
  const subject = { repository: 'team/app', credentials: [] }
  const identities = createIdentities({ ...registry(), provider }, subject, createConfiguredReader())
  await t.rejects(identities.next(never), error)
  t.equal((await identities.next(never))?.credentials?.username, 'AWS')
})

t.test('an account tells credentials apart and shows nothing of them', t => {
  const all = [
    { username: 'a', password: 'b' },
    { username: 'a', password: 'c' },
    { username: 'ab', password: '' },
    { username: 'a', password: 'b', identityToken: 'c' },
    { username: 'a', password: 'b', registryToken: 'c' },
  ].map(accountOf)
  t.equal(new Set(all).size, all.length)
  for (const account of all) t.match(account, /^[\w-]{12}$/)
  t.equal(accountOf({ username: 'a', password: 'b' }), all[0])
  t.end()
})

t.test('credentials that are for some namespaces are used where the query says so', async t => {
  const kept = {
    ...registry(),
    credentials: { username: 'shared', password: 'x' },
    namespaces: ['team-a'],
  }
  const own = { username: 'a', password: 'b', origin: 'pull secret a/b' }
  const configured = { username: '', password: '', origin: 'configured', configured: true } as const
  const names = async (credentials: readonly (typeof own | typeof configured)[]) => {
    const identities = createIdentities(
      kept,
      { repository: 'team/app', credentials },
      createConfiguredReader(),
    )
    const found = []
    for (let next = await identities.next(never); next !== undefined; next = await identities.next(never))
      found.push([next.credentials?.username, next.given])
    return found
  }
  const anonymous = [undefined, undefined]
  t.strictSame(await names([]), [anonymous])
  t.strictSame(await names([own]), [['a', own], anonymous])
  t.strictSame(await names([own, configured]), [['a', own], ['shared', configured], anonymous])
})
