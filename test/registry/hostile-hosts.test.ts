import t, { type Test } from 'tap'

import type { EgressSettings } from '../../src/registry/transport/egress.ts'
import type { Registry } from '../../src/registry/settings/registry.ts'
import { dnsServer, type DnsAnswer } from '../support/network/dns-server.ts'
import {
  outcomeOf,
  requestTo,
  resolverAt,
  testRegistry,
  testTransport,
} from '../support/network/egress-fixture.ts'
import { trapServer, type TrapServer } from '../support/network/trap-server.ts'

// Traps behind one port: on the loopback of both families, and with them on 0.0.0.0.
async function traps(t: Test) {
  const ipv4 = await trapServer(t)
  const ipv6 = await trapOnIPv6(t, ipv4.port)
  const other = await trapServer(t, { address: '127.0.0.5', port: ipv4.port })
  return { port: ipv4.port, other, connections: () => ipv4.connections() + (ipv6?.connections() ?? 0) }
}

async function trapOnIPv6(t: Test, port: number): Promise<TrapServer | undefined> {
  try {
    return await trapServer(t, { address: '::1', port })
  } catch {
    return undefined // a machine without IPv6
  }
}

const publicly = testRegistry({ host: 'r.example', addresses: 'public', redirectSuffix: '.example' })
const named = testRegistry({ host: 'r.example' })

interface BudgetClaim {
  readonly answer?: (name: string) => DnsAnswer
  readonly egress?: EgressSettings
  readonly registry?: Registry
}

/** Asks for a host as an answer or a configuration might write it. */
async function asker(t: Test, port: number, { answer, egress, registry = publicly }: BudgetClaim = {}) {
  const dns = await dnsServer(t, ({ name }) => answer?.(name) ?? 'nxdomain')
  const transport = testTransport(t, {
    resolver: resolverAt(dns),
    limits: { connectTimeout: 200 },
    ...(egress !== undefined && { egress }),
  })
  return async (host: string): Promise<string> => {
    const url = URL.parse(`https://${host}:${port}/v2/`)
    return url === null ? 'no address' : outcomeOf(transport, requestTo(registry, '/', { url }))
  }
}

type Octets = readonly [number, number, number, number]

const forbidden: readonly Octets[] = [
  [127, 0, 0, 1],
  [169, 254, 169, 254],
  [10, 0, 0, 1],
  [100, 64, 0, 1],
  [192, 168, 1, 1],
  [0, 0, 0, 0],
  [224, 0, 0, 1],
]

function spellings(octets: Octets): readonly string[] {
  const [a, b, c, d] = octets
  const number = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  const hex = number.toString(16).padStart(8, '0')
  const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`
  const dotted = octets.join('.')
  const wide = dotted.replaceAll(/\d/g, digit => String.fromCodePoint(0xff10 + Number(digit)))
  return [
    dotted,
    `${dotted}.`,
    String(number),
    `0x${hex}`,
    `0X${hex.toUpperCase()}`,
    `0${number.toString(8)}`,
    octets.map(octal).join('.'),
    octets.map(hexadecimal).join('.'),
    `${octal(a)}.${hexadecimal(b)}.${c}.${d}`,
    `${a}.${(b << 16) | (c << 8) | d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `${hexadecimal(a)}.${octal((b << 16) | (c << 8) | d)}`,
    `000${octal(a)}.${b}.${c}.${d}`,
    wide,
    dotted.replaceAll('.', '\u3002'),
    dotted.replaceAll('.', '\uff0e'),
    dotted.replaceAll('.', '\uff61'),
    dotted.replaceAll(/[1-9]/g, digit => String.fromCodePoint(0x245f + Number(digit))),
    dotted.replaceAll('.', '%2e'),
    dotted.replace('1', '%31'),
    `r.example@${dotted}`,
    `r.example:443@${dotted}`,
    `r.example%00@${dotted}`,
    `[::ffff:${dotted}]`,
    `[::ffff:${groups}]`,
    `[0:0:0:0:0:ffff:${groups}]`,
    `[::${groups}]`,
    `[::ffff:0:${groups}]`,
    `[64:ff9b::${groups}]`,
    `[64:ff9b:1::${groups}]`,
    `[2002:${groups}::1]`,
    `[2001:0:${groups}::]`,
  ]
}

function octal(value: number): string {
  return `0${value.toString(8)}`
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`
}

const others = [
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[fe80::1]',
  '[fe80::1%25lo]',
  '[fd00:ec2::254]',
  '[fd00::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '127.1',
  '127.255.255.254',
  '0',
  '0x7f.1',
  '017700000001',
  '255.255.255.255',
  '100.100.100.200',
  '168.63.129.16',
  'localhost',
  'LOCALHOST.',
  'a.localhost',
]

t.test('no spelling of an address gets through', async t => {
  const trap = await traps(t)
  const ask = await asker(t, trap.port)
  const rows = [...forbidden.flatMap(spellings), ...others]
  t.ok(rows.length > 200)
  for (const host of rows) t.match(await ask(host), /^(?:not-allowed: |no address$)/, host)
  t.equal(trap.connections(), 0)
})

t.test('no name that leads to one either', async t => {
  const trap = await traps(t)
  const addresses = [
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::1',
    '224.0.0.1',
    'ff02::1',
    '168.63.129.16',
  ]
  const naming = 'if that is meant, name the host in the configuration under registries'
  const message = new RegExp(`^not-allowed: \\S+ resolves to \\S+, which is not a public address; ${naming}$`)
  for (const address of addresses) {
    const written = address.replaceAll(/[.:]/g, '-')
    // By itself, as nip.io would; and behind eight good ones, where nothing would connect to it.
    const many = Array.from({ length: 9 }, (_, at) => (address.includes(':') ? `2600::${at}` : `1.1.1.${at}`))
    const ask = await asker(t, trap.port, {
      answer: name => ({ addresses: name.startsWith('many') ? [...many, address] : [address], ttl: 0 }),
    })
    for (const host of [`${written}.nip.example`, `MANY-${written}.nip.example`, `${written}.nip.example.`])
      t.match(await ask(host), message)
  }
  t.equal(trap.connections(), 0)
})

t.test('a name that changes between one look and the next gains nothing', async t => {
  const trap = await traps(t)
  let asked = 0
  const ask = await asker(t, trap.port, {
    answer: () => ({ addresses: [asked++ < 2 ? '127.0.0.5' : '127.0.0.1'], ttl: 0 }),
    egress: { allowedRanges: ['127.0.0.5/32'] }, // in the place of a public address
  })
  t.match(await ask('rebinding.example'), /^unavailable: it does not finish the TLS handshake/)
  t.equal(trap.other.connections(), 1)
  for (let at = 0; at < 3; at++)
    t.match(await ask('rebinding.example'), /resolves to 127\.0\.0\.1, which is not/)
  t.equal(trap.other.connections(), 1)
  t.equal(trap.connections(), 0)
})

t.test('what a registry that a person has named may lead to', async t => {
  const trap = await traps(t)
  const rows: readonly (readonly [address: string, kind: string | undefined])[] = [
    ['127.0.0.5', undefined],
    ['169.254.169.254', 'metadata'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['::ffff:7f00:1', 'embedded IPv4'],
    ['64:ff9b::7f00:1', 'embedded IPv4'],
    ['2002:7f00:1::1', 'embedded IPv4'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
  ]
  const next = 'if that is meant, name the address under egress.allowedRanges'
  for (const [address, kind] of rows) {
    const ask = await asker(t, trap.port, { answer: () => ({ addresses: [address] }), registry: named })
    const literal = address.includes(':') ? `[${address}]` : address
    if (kind === undefined) {
      for (const host of ['r.example', literal])
        t.match(await ask(host), /^unavailable: it does not finish/, host)
      continue
    }
    t.match(
      await ask('r.example'),
      new RegExp(
        `^not-allowed: r\\.example resolves to .*, which is a special address \\(${kind}\\); ${next}$`,
      ),
    )
    t.match(await ask(literal), new RegExp(`is a special address \\(${kind}\\); ${next}$`))
  }
  t.equal(trap.other.connections(), 2)
  t.equal(trap.connections(), 0)
})

t.test('an address that is written into the configuration is meant, and only that', async t => {
  const trap = await trapServer(t, { address: '127.0.0.1' })
  const mapped = { ...named, origin: `https://[::ffff:7f00:1]:${trap.port}` }
  const ask = await asker(t, trap.port, { registry: mapped })
  t.match(await ask('[::ffff:127.0.0.1]'), /^unavailable: it does not finish the TLS handshake/)
  t.equal(trap.connections(), 1)
  t.match(await ask('[::ffff:127.0.0.2]'), /^not-allowed/)
  const byRange = await asker(t, trap.port, { egress: { allowedRanges: ['::ffff:0:0/96'] } })
  t.match(await byRange('[::ffff:127.0.0.1]'), /^unavailable: it does not finish the TLS handshake/)
  t.match(await byRange('127.0.0.1'), /^not-allowed/)
  t.equal(trap.connections(), 2)
})

t.test('other schemes and user names', async t => {
  const trap = await trapServer(t)
  const transport = testTransport(t)
  const registry = testRegistry({ host: `127.0.0.1:${trap.port}` })
  const check = 'check endpoint and insecure under registries'
  const rows = [
    [`http://127.0.0.1:${trap.port}/`, `http://127.0.0.1:${trap.port} is not https`],
    [`ftp://127.0.0.1:${trap.port}/`, `ftp://127.0.0.1:${trap.port} is not https`],
    ['file:///etc/passwd', 'null is not https'],
    [`https://user@127.0.0.1:${trap.port}/`, 'an address with a user name is not asked'],
    [`https://:password@127.0.0.1:${trap.port}/`, 'an address with a user name is not asked'],
  ] as const
  for (const [url, why] of rows)
    t.equal(await outcomeOf(transport, requestTo(registry, url)), `not-allowed: ${why}; ${check}`)
  t.equal(trap.connections(), 0)
})

t.test('of a hundred addresses only a few are tried', async t => {
  const trap = await traps(t)
  const closed = Array.from({ length: 8 }, (_, at) => `127.1.${at}.1`)
  const addresses = [...closed, ...Array.from({ length: 92 }, () => '127.0.0.5')]
  const dns = await dnsServer(t, () => ({ addresses }))
  const transport = testTransport(t, { resolver: resolverAt(dns) })
  const url = new URL(`https://r.example:${trap.port}/v2/`)
  t.match(await outcomeOf(transport, requestTo(named, '/', { url })), /^unavailable: it refuses connections/)
  t.equal(trap.other.connections(), 0)
})
