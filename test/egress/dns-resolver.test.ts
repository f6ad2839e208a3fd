import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { DnsError } from '../../src/egress/dns-cache.ts'
import {
  createDnsResolver,
  createPolledFile,
  parseHostsFile,
  parseSearchDomains,
} from '../../src/egress/dns-resolver.ts'
import { dnsServer, type DnsAnswer } from '../support/network/dns-server.ts'
import { resolverAt } from '../support/network/egress-fixture.ts'

const search = { search: true }
const plain = { search: false }

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof DnsError) return `${error.code} ${error.message}`
    throw error
  }
  return 'resolved'
}

t.test('addresses of both families, the answer held for as long as it says', async t => {
  let clock = 1_000_000
  const server = await dnsServer(t, () => ({ addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'], ttl: 10 }))
  const resolver = resolverAt(server, { now: () => clock })
  t.same(await resolver.resolve('a.example', plain), ['192.0.2.1', '2001:db8::1', '192.0.2.2'])
  t.same(await resolver.resolve('A.Example.', plain), ['192.0.2.1', '2001:db8::1', '192.0.2.2'])
  t.equal(server.questions.length, 2)
  clock += 9_999
  await resolver.resolve('a.example', plain)
  t.equal(server.questions.length, 2)
  clock += 1
  await resolver.resolve('a.example', plain)
  t.equal(server.questions.length, 4)
})

t.test(
  'not longer than half a minute, whatever the answer says, and one question for many at a time',
  async t => {
    let clock = 1_000_000
    const server = await dnsServer(t, () => ({ addresses: ['192.0.2.1'], ttl: 86_400 }))
    const resolver = resolverAt(server, { now: () => clock })
    await Promise.all(Array.from({ length: 50 }, () => resolver.resolve('a.example', plain)))
    t.equal(server.questions.length, 2)
    clock += 30_000
    await resolver.resolve('a.example', plain)
    t.equal(server.questions.length, 4)
  },
)

t.test('each failure as what it is, remembered for half a minute', async t => {
  const rows: readonly (readonly [name: string, DnsAnswer, string])[] = [
    ['gone.example', 'nxdomain', 'ERR_NAME_NOT_FOUND gone.example: not in DNS'],
    ['empty.example', { addresses: [] }, 'ERR_NAME_NO_ADDRESS empty.example: in DNS without an address'],
    ['broken.example', 'servfail', 'ERR_NAME_SERVFAIL broken.example: the DNS server failed (SERVFAIL)'],
    ['closed.example', 'refused', 'ERR_NAME_FAILED closed.example: DNS failed (EREFUSED)'],
    ['silent.example', 'drop', 'ERR_NAME_TIMEOUT silent.example: no answer from DNS'],
  ]
  const answers = new Map(rows.map(([name, answer]) => [name, answer]))
  let clock = 0
  const server = await dnsServer(t, ({ name }) => answers.get(name) ?? 'nxdomain')
  const resolver = resolverAt(server, { now: () => clock })
  for (const [name, , message] of rows) t.equal(await codeOf(resolver.resolve(name, plain)), message)
  const asked = server.questions.length
  for (const [name, , message] of rows) t.equal(await codeOf(resolver.resolve(name, plain)), message)
  t.equal(server.questions.length, asked)
  clock += 30_000
  t.match(await codeOf(resolver.resolve('gone.example', plain)), /ERR_NAME_NOT_FOUND/)
  t.ok(server.questions.length > asked)
})

t.test('a name that DNS cannot hold', async t => {
  const server = await dnsServer(t, () => 'nxdomain')
  t.match(await codeOf(resolverAt(server).resolve(`${'a'.repeat(70)}.example`, plain)), /^ERR_NAME_NOT_FOUND/)
})

t.test('no server at all', async t => {
  const server = await dnsServer(t, () => 'nxdomain')
  const closed = createDnsResolver({
    now: Date.now,
    servers: [server.address.replace(/\d+$/, '1')],
    hostsFile: '/nonexistent',
  })
  t.match(await codeOf(closed.resolve('a.example', plain)), /^ERR_NAME_(?:FAILED|TIMEOUT)/)
})

t.test('a server that never answers for one of the families', async t => {
  const server = await dnsServer(t, ({ family }) => (family === 6 ? 'drop' : { addresses: ['192.0.2.1'] }))
  t.same(await resolverAt(server).resolve('a.example', plain), ['192.0.2.1'])
  t.equal(server.questions.filter(({ family }) => family === 6).length, 1, 'it is not asked a second time')
  const failing = await dnsServer(t, ({ family }) =>
    family === 4 ? 'servfail' : { addresses: ['2001:db8::1'] },
  )
  t.same(await resolverAt(failing).resolve('a.example', plain), ['2001:db8::1'])
})

t.test('a hundred addresses', async t => {
  const addresses = Array.from({ length: 100 }, (_, at) => `192.0.2.${at}`)
  const server = await dnsServer(t, () => ({ addresses }))
  t.equal((await resolverAt(server).resolve('many.example', plain)).length, 100)
})

t.test('the domains of a cluster', async t => {
  const resolvConf = join(
    t.testdir({
      'resolv.conf': 'search app.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n',
    }),
    'resolv.conf',
  )
  const known = new Map([
    ['registry.infra.svc.cluster.local', '10.96.0.7'],
    ['registry.app.svc.cluster.local', '10.96.0.8'],
    ['ghcr.io', '192.0.2.1'],
    ['ghcr.io.svc.cluster.local', '10.96.6.66'],
  ])
  const server = await dnsServer(t, ({ name }) => {
    const address = known.get(name)
    return address === undefined ? 'nxdomain' : { addresses: [address] }
  })
  const resolver = createDnsResolver({
    now: Date.now,
    servers: [server.address],
    hostsFile: '/nonexistent',
    resolvConf,
  })
  t.same(await resolver.resolve('registry.infra.svc', search), ['10.96.0.7'])
  t.same(await resolver.resolve('registry', search), ['10.96.0.8'])
  t.same(
    await resolver.resolve('ghcr.io', search),
    ['192.0.2.1'],
    'a Service ghcr in a Namespace io is not asked',
  )
  known.delete('ghcr.io')
  t.match(await codeOf(resolverAt(server).resolve('ghcr.io', plain)), /NOT_FOUND/)
  t.match(
    await codeOf(resolver.resolve('registry.infra.svc', plain)),
    /NOT_FOUND/,
    'public names are looked for nowhere else',
  )
  t.match(
    await codeOf(resolver.resolve('registry.infra.svc.', search)),
    /NOT_FOUND/,
    'nor one with a dot at its end',
  )
  t.match(await codeOf(resolver.resolve('nobody.infra.svc', search)), /NOT_FOUND/)
})

t.test('a name of which one domain fails may exist there', async t => {
  const resolvConf = join(t.testdir({ 'resolv.conf': 'search a.example b.example\n' }), 'resolv.conf')
  const server = await dnsServer(t, ({ name }) => (name.endsWith('.a.example') ? 'servfail' : 'nxdomain'))
  const resolver = createDnsResolver({
    now: Date.now,
    servers: [server.address],
    hostsFile: '/nonexistent',
    resolvConf,
  })
  t.match(await codeOf(resolver.resolve('registry.team', search)), /^ERR_NAME_SERVFAIL/)
})

t.test('the hosts file goes first, and localhost is never asked for', async t => {
  const hostsFile = join(t.testdir({ hosts: '192.0.2.9 registry.example\n' }), 'hosts')
  const server = await dnsServer(t, () => ({ addresses: ['192.0.2.1'] }))
  const resolver = createDnsResolver({ now: Date.now, servers: [server.address], hostsFile })
  t.same(await resolver.resolve('Registry.Example.', search), ['192.0.2.9'])
  t.same(await resolver.resolve('localhost', search), ['127.0.0.1', '::1'])
  t.same(await resolver.resolve('metadata.localhost', search), ['127.0.0.1', '::1'])
  t.equal(server.questions.length, 0)
})

t.test('what is under way ends with it', async t => {
  const server = await dnsServer(t, () => 'drop')
  const resolver = resolverAt(server)
  const asked = codeOf(resolver.resolve('a.example', plain))
  while (server.questions.length < 2) await new Promise(setImmediate)
  resolver.close()
  t.equal(await asked, 'ERR_NAME_FAILED a.example: DNS failed (ECANCELLED)')
})

t.test('names that are stuck delay neither other names nor files', async t => {
  const server = await dnsServer(t, ({ name }) =>
    name.startsWith('stuck') ? 'drop' : { addresses: ['192.0.2.1'] },
  )
  const resolver = resolverAt(server)
  let settled = 0
  const stuck = Array.from({ length: 64 }, async (_, at) => {
    const code = await codeOf(resolver.resolve(`stuck${at}.example`, plain))
    settled++
    return code
  })
  while (new Set(server.questions.map(({ name }) => name)).size < 64) await new Promise(setImmediate)
  for (let at = 0; at < 20; at++) {
    t.same(await resolver.resolve(`good${at}.example`, plain), ['192.0.2.1'])
    await readFile(new URL(import.meta.url))
  }
  t.equal(settled, 0, 'all of that while they were stuck')
  for (const code of await Promise.all(stuck)) t.match(code, /^ERR_NAME_TIMEOUT/)
})

t.test('a hosts file', t => {
  const text = [
    '# comment',
    '127.0.0.1\tlocalhost  Loop.Example # here',
    '::1 localhost ip6-localhost',
    '10.0.0.1 registry.example.',
    '10.0.0.1 registry.example',
    'not-an-address name',
    '10.0.0.2',
    '',
  ].join('\n')
  t.same(Object.fromEntries(parseHostsFile(text)), {
    localhost: ['127.0.0.1', '::1'],
    'loop.example': ['127.0.0.1'],
    'ip6-localhost': ['::1'],
    'registry.example': ['10.0.0.1'],
  })
  t.end()
})

t.test('the domains of resolv.conf', t => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['nameserver 10.0.0.10\noptions ndots:5\n', []],
    [
      'search a.svc.cluster.local svc.cluster.local. CLUSTER.local\n',
      ['a.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
    ],
    ['domain a.example\nsearch b.example\n', ['b.example']],
    ['search b.example\n  domain a.example', ['a.example']],
    ['search .', []],
  ]
  for (const [text, domains] of rows) t.same(parseSearchDomains(text), domains, text)
  t.end()
})

t.test('a file is read again after it changed, but not for each name', t => {
  const path = join(t.testdir(), 'hosts')
  let clock = 0
  let parsed = 0
  const file = createPolledFile(
    path,
    text => `${++parsed} ${text}`,
    () => clock,
  )
  t.equal(file.get(), '1 ', 'it need not be there')
  writeFileSync(path, 'a')
  t.equal(file.get(), '1 ')
  clock += 5_000
  t.equal(file.get(), '2 a')
  clock += 5_000
  t.equal(file.get(), '2 a', 'the same file')
  writeFileSync(path, 'b')
  utimesSync(path, 1, 1)
  clock += 5_000
  t.equal(file.get(), '3 b')
  rmSync(path)
  clock += 5_000
  t.equal(file.get(), '4 ')
  t.equal(
    createPolledFile(
      t.testdirName,
      text => text,
      () => 0,
    ).get(),
    '',
    'a folder',
  )
  t.end()
})
