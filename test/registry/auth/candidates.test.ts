import t from 'tap'

import { accountOf, createCandidates, createConfigured } from '../../../src/registry/auth/candidates.ts'
import { RegistryFault } from '../../../src/registry/response/fault.ts'
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
  const candidates = createCandidates({ ...registry(), provider }, subject, createConfigured())
  t.equal((await candidates.next(never))?.given, given)
  t.equal(asked, 0)
  const second = await candidates.next(never)
  t.match(second, { credentials: { username: 'AWS' }, given: undefined, label: 'the configured credentials' })
  t.equal(asked, 1)
  t.equal(await candidates.next(never), undefined)
  t.equal(await candidates.next(never), undefined)
  t.equal(asked, 1)
})

t.test('a cloud that gives none is asked again by whoever comes next', async t => {
  const fault = new RegistryFault('unavailable', 'no credentials', { next: 'wait' })
  let asked = 0
  const provider = {
    async credentials() {
      if (asked++ === 0) throw fault
      return { username: 'AWS', password: 'x' }
    },
  }
  const subject = { repository: 'team/app', credentials: [] }
  const candidates = createCandidates({ ...registry(), provider }, subject, createConfigured())
  await t.rejects(candidates.next(never), fault)
  t.equal((await candidates.next(never))?.credentials?.username, 'AWS')
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
    const candidates = createCandidates(kept, { repository: 'team/app', credentials }, createConfigured())
    const found = []
    for (let next = await candidates.next(never); next !== undefined; next = await candidates.next(never))
      found.push([next.credentials?.username, next.given])
    return found
  }
  const nobody = [undefined, undefined]
  t.strictSame(await names([]), [nobody])
  t.strictSame(await names([own]), [['a', own], nobody])
  t.strictSame(await names([own, configured]), [['a', own], ['shared', configured], nobody])
})
