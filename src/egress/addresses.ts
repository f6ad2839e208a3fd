import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** The purpose of an IP address; messages contain these words. */
export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'unique-local'
  | 'shared'
  | 'link-local'
  | 'metadata'
  | 'embedded IPv4'
  | 'multicast'
  | 'unspecified'
  | 'reserved'

/** Classifies an address by the special-purpose registries of IANA (RFC 6890 and its successors). */
export function addressKind(address: string): AddressKind {
  if (address.includes('%')) return 'link-local' // nothing else has a zone
  if (isIPv4(address)) return kindIn(kindsOfIPv4, address, 'ipv4') ?? 'public'
  // Of IPv6 everything outside 2000::/3 is special or not assigned.
  return isIPv6(address) ? (kindIn(kindsOfIPv6, address, 'ipv6') ?? 'reserved') : 'reserved'
}

/** Configured address ranges. */
export interface AddressRanges {
  contains(address: string): boolean
}

/** Parses ranges like `10.0.0.0/8`, `fd00::/8` or `192.0.2.7`; passes the first text that is not a range to `onBad`. */
export function addressRanges(texts: readonly string[], onBad: (text: string) => never): AddressRanges {
  const ipv4 = new BlockList()
  const ipv6 = new BlockList() // a list of its own: in one list ::ffff:10.0.0.1 would lie in 10.0.0.0/8
  for (const text of texts) {
    const [, address = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
    const prefix = bits === undefined ? longest : Number(bits)
    if (longest < 0 || prefix > longest) onBad(text)
    if (longest === 32) ipv4.addSubnet(address, prefix, 'ipv4')
    else ipv6.addSubnet(address, prefix, 'ipv6')
  }
  return {
    contains: address =>
      isIPv4(address) ? ipv4.check(address, 'ipv4') : isIPv6(address) && ipv6.check(address, 'ipv6'),
  }
}

type Nets = readonly (readonly [address: string, bits: number])[]

function kindIn(
  kinds: readonly (readonly [AddressKind, BlockList])[],
  address: string,
  family: 'ipv4' | 'ipv6',
): AddressKind | undefined {
  return kinds.find(([, list]) => list.check(address, family))?.[0]
}

function listOf(kind: AddressKind, family: 'ipv4' | 'ipv6', nets: Nets): readonly [AddressKind, BlockList] {
  const list = new BlockList()
  for (const [address, bits] of nets) list.addSubnet(address, bits, family)
  return [kind, list]
}

// The first kind that holds an address is its kind.
const kindsOfIPv4 = [
  listOf('metadata', 'ipv4', [
    ['169.254.169.254', 32],
    ['100.100.100.200', 32], // Alibaba Cloud's, among the shared ones
    ['168.63.129.16', 32], // Azure's host agent, among the public ones
    ['192.0.0.192', 32], // Oracle Cloud Classic's
  ]),
  listOf('unspecified', 'ipv4', [['0.0.0.0', 8]]),
  listOf('loopback', 'ipv4', [['127.0.0.0', 8]]),
  listOf('link-local', 'ipv4', [['169.254.0.0', 16]]),
  listOf('private', 'ipv4', [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ]),
  listOf('shared', 'ipv4', [['100.64.0.0', 10]]), // between carriers and their customers; some clouds give them to pods
  listOf('multicast', 'ipv4', [['224.0.0.0', 4]]),
  listOf('reserved', 'ipv4', [
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['240.0.0.0', 4],
  ]),
]

const kindsOfIPv6 = [
  listOf('metadata', 'ipv6', [
    ['fd00:ec2::', 32], // Amazon's, and its other services for a machine or a pod (credentials at ::23)
    ['fd20:ce::254', 128], // Google's
  ]),
  listOf('unspecified', 'ipv6', [['::', 128]]),
  listOf('loopback', 'ipv6', [['::1', 128]]),
  // Any IPv4 address can hide in these, so that a check of IPv4 ranges would not see it.
  listOf('embedded IPv4', 'ipv6', [
    ['::', 96],
    ['::ffff:0:0', 96],
    ['::ffff:0:0:0', 96],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['2001::', 32],
    ['2002::', 16],
  ]),
  listOf('link-local', 'ipv6', [['fe80::', 10]]),
  listOf('unique-local', 'ipv6', [['fc00::', 7]]),
  listOf('multicast', 'ipv6', [['ff00::', 8]]),
  listOf('reserved', 'ipv6', [
    ['2001::', 23],
    ['2001:db8::', 32],
    ['3fff::', 20],
  ]),
  listOf('public', 'ipv6', [['2000::', 3]]),
]

/** The part of the configuration that names the host of a connection. */
export interface NamedHost {
  /** Whether the configuration names the host: it may then be inside a company or a cluster. */
  readonly named: boolean
  /** Hosts of the configuration, without brackets: an address among them is allowed, and no other one by it. */
  readonly hosts: readonly string[]
}

/** Decides to which addresses a connection may be made. */
export interface AddressRule {
  allows(address: string, host: NamedHost): boolean
}

/**
 * Creates the rule: public addresses, those in `allowedRanges`, and for a configured host those of private networks. Passes the first
 * invalid range to `onBad`.
 */
export function createAddressRule(
  allowedRanges: readonly string[],
  onBad: (message: string) => never,
): AddressRule {
  const ranges = addressRanges(allowedRanges, text => {
    const form = 'is not an address range like 10.20.0.0/16 or fd12:3456::/32'
    return onBad(`egress.allowedRanges: ${JSON.stringify(text)} ${form}`)
  })
  return {
    allows(address, { named, hosts }) {
      const kind = addressKind(address)
      if (kind === 'public' || ranges.contains(address)) return true
      return named && (meantByName.has(kind) || hosts.includes(address))
    },
  }
}

// The addresses of servers inside a company or a cluster. Never link-local ones (metadata of clouds) or those that embed another one.
const meantByName: ReadonlySet<AddressKind> = new Set(['loopback', 'private', 'shared', 'unique-local'])
