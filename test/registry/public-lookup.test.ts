import type { LookupAddress } from 'node:dns'

import t from 'tap'

import { createPublicLookup, isPublicAddress, type Resolve } from '../../src/registry/public-lookup.ts'

const publicOnes = [
  '1.1.1.1',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.167.1.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450::1',
]
const others = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.1.1.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
]

t.test('which addresses are public', t => {
  for (const address of publicOnes) t.equal(isPublicAddress(address), true, address)
  for (const address of others) t.equal(isPublicAddress(address), false, address)
  t.end()
})

function resolving(...addresses: readonly string[]): Resolve {
  return (_, answer) =>
    answer(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}

interface Found {
  readonly error: Error | null
  readonly address: string | LookupAddress[]
  readonly family: number | undefined
}

function look(resolve: Resolve, all: boolean): Promise<Found> {
  return new Promise(done => {
    createPublicLookup(resolve)('r.example', { all }, (error, address, family) =>
      done({ error, address, family }),
    )
  })
}

t.test('a socket gets what was checked', async t => {
  t.same(await look(resolving('1.1.1.1', '2606:4700::1'), false), {
    error: null,
    address: '1.1.1.1',
    family: 4,
  })
  const all = await look(resolving('1.1.1.1', '2606:4700::1'), true)
  t.same(all.address, [
    { address: '1.1.1.1', family: 4 },
    { address: '2606:4700::1', family: 6 },
  ])
  const many = Array.from({ length: 100 }, (_, at) => `1.1.1.${at}`)
  t.equal((await look(resolving(...many), true)).address.length, 8, 'a hundred addresses are not all tried')
})

t.test('one address that is not public is enough to refuse a name', async t => {
  for (const all of [true, false])
    t.match(await look(resolving('1.1.1.1', '169.254.169.254'), all), {
      error: {
        code: 'ERR_ADDRESS_NOT_PUBLIC',
        message: 'r.example resolves to 169.254.169.254, which is not a public address',
      },
    })
})

const failed: Resolve = (_, answer) => answer(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), [])

t.test('a name without an address', async t => {
  t.match(await look(resolving(), true), {
    error: { code: 'ENOTFOUND', message: 'r.example has no address' },
  })
  t.match(await look(failed, true), { error: { code: 'EAI_AGAIN' } })
})
