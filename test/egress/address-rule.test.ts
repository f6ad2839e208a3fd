import t from 'tap'

import { createAddressRule } from '../../src/egress/address-rule.ts'

const bad = (message: string): never => {
  throw new Error(message)
}

// An address, and whether a host may lead to it that is: not named, named, named by this address, in allowedRanges.
const rows: readonly (readonly [address: string, ...allowed: readonly boolean[]])[] = [
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
  for (const [address, ...allowed] of rows)
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
      'egress.allowedRanges: "10.0.0.0/40" is no range of addresses like 10.20.0.0/16 or fd12:3456::/32',
    ),
  )
  t.end()
})
