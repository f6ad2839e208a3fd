import { assert, integer, property, tuple } from 'fast-check'
import t from 'tap'
import {
  addressKind,
  addressRanges,
  createAddressRule,
  type AddressKind,
} from '../../src/egress/addresses.ts'

const rows: readonly (readonly [AddressKind, ...string[]])[] = [
  ['public', '1.1.1.1', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '192.167.1.1'],
  ['public', '223.255.255.255', '168.63.129.15', '2606:4700::1111', '2a00:1450::1', '2003::1'],
  ['loopback', '127.0.0.1', '127.255.0.1', '::1', '0:0:0:0:0:0:0:1'],
  ['private', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ['unique-local', 'fc00::1', 'fd00::1', 'fd00:ec3::1', 'fdff::ffff'],
  ['shared', '100.64.0.1', '100.127.255.255'],
  ['link-local', '169.254.0.1', '169.254.169.253', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  ['metadata', '169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ['metadata', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'],
  ['embedded IPv4', '::7f00:1', '::127.0.0.1', '::8.8.8.8', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
  ['embedded IPv4', '::ffff:a9fe:a9fe', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1'],
  ['embedded IPv4', '64:ff9b:1::1', '2001::1', '2002:7f00:1::1', '2002:a9fe:a9fe::'],
  ['multicast', '224.0.0.1', '239.1.1.1', 'ff02::1'],
  ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
  ['reserved', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9', '240.0.0.1'],
  ['reserved', '255.255.255.255', '100::1', '2001:2::1', '2001:db8::1', '3fff::1', 'fec0::1', '4000::1'],
  ['reserved', '', 'localhost', '1.2.3', '[::1]', '127.1', '0x7f.0.0.1'],
]

t.test('what an address is for', t => {
  for (const [kind, ...addresses] of rows)
    for (const address of addresses) t.equal(addressKind(address), kind, address)
  t.end()
})

t.test('an IPv4 address in an IPv6 one is never public', t => {
  const octet = integer({ min: 0, max: 255 })
  assert(
    property(tuple(octet, octet, octet, octet), ([a, b, c, d]) => {
      const hex = [(a << 8) | b, (c << 8) | d].map(group => group.toString(16)).join(':')
      const written = [
        `::ffff:${a}.${b}.${c}.${d}`,
        `::ffff:${hex}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::1`,
        `::${hex}`,
      ]
      return written.every(address => addressKind(address) !== 'public')
    }),
  )
  t.end()
})

function ranges(...texts: readonly string[]) {
  return addressRanges(texts, text => {
    throw new Error(`bad: ${text}`)
  })
}

t.test('ranges', t => {
  const some = ranges('10.20.0.0/16', 'fd12::/16', '192.0.2.7', '2001:db8::7', '64:ff9b::/96')
  for (const address of ['10.20.0.1', '10.20.255.255', 'fd12::9', '192.0.2.7', '2001:db8::7', '64:ff9b::1'])
    t.equal(some.contains(address), true, address)
  for (const address of ['10.21.0.1', 'fd13::9', '192.0.2.8', '2001:db8::8', '::ffff:10.20.0.1', 'name', ''])
    t.equal(some.contains(address), false, address)
  t.equal(ranges('0.0.0.0/0').contains('::1'), false)
  t.equal(ranges('::/0').contains('10.0.0.1'), false)
  for (const bad of ['', 'x', '10.0.0.0/33', '::/129', '10.0.0/8', '10.0.0.0/', '10.0.0.0/-1', 'fe80::%1/64'])
    t.throws(() => ranges('10.0.0.0/8', bad), { message: `bad: ${bad}` }, bad)
  t.end()
})

const bad = (message: string): never => {
  throw new Error(message)
}

// An address, and whether a host may lead to it that is: not named, named, named by this address, in allowedRanges.
const ruleRows: readonly (readonly [address: string, ...allowed: readonly boolean[]])[] = [
  ['8.8.8.8', true, true, true, true],
  ['10.1.2.3', false, true, true, true],
  ['127.0.0.1', false, true, true, true],
  ['100.64.0.1', false, true, true, true],
  ['fd12::1', false, true, true, true],
  ['169.254.169.254', false, false, true, true],
  ['fd00:ec2::254', false, false, true, true],
  ['169.254.1.1', false, false, true, true],
  ['fe80::1', false, false, true, true],
  ['::ffff:10.0.0.1', false, false, true, true],
  ['64:ff9b::808:808', false, false, true, true],
  ['224.0.0.1', false, false, true, true],
  ['0.0.0.0', false, false, true, true],
]

t.test('the addresses that a host may lead to', t => {
  const rule = createAddressRule([], bad)
  for (const [address, ...allowed] of ruleRows)
    t.strictSame(
      [
        rule.allows(address, { named: false, hosts: [address] }),
        rule.allows(address, { named: true, hosts: [] }),
        rule.allows(address, { named: true, hosts: [address] }),
        createAddressRule([address], bad).allows(address, { named: false, hosts: [] }),
      ],
      allowed,
      address,
    )
  t.end()
})

t.test('a range that is none', t => {
  t.throws(
    () => createAddressRule(['10.0.0.0/8', '10.0.0.0/40'], bad),
    new Error(
      'egress.allowedRanges: "10.0.0.0/40" is not an address range like 10.20.0.0/16 or fd12:3456::/32',
    ),
  )
  t.end()
})
