import { lookup, type LookupAddress } from 'node:dns'
import { BlockList, isIPv4, type LookupFunction } from 'node:net'

/** A public registry's name led to an address that is none of the public Internet. */
export class AddressNotPublicError extends Error {
  override readonly name = 'AddressNotPublicError'
  readonly code = 'ERR_ADDRESS_NOT_PUBLIC'

  constructor(hostname: string, address: string) {
    super(`${hostname} resolves to ${address}, which is not a public address`)
  }
}

/** Whether an address belongs to the public Internet: not local, private, shared, reserved, multicast or translated. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialIPv4.check(address, 'ipv4')
  return globalIPv6.check(address, 'ipv6') && !specialIPv6.check(address, 'ipv6')
}

/** How a name is resolved: every address of it. */
export type Resolve = (
  hostname: string,
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A `lookup` for sockets that refuses a name of which any address is not public. What it gives is what the socket connects
 * to, so that a name which changes between the check and the connection (DNS rebinding) gains nothing.
 */
export function createPublicLookup(resolve: Resolve = resolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const [first] = addresses
      if (first === undefined) return callback(notFound(hostname), [])
      const refused = addresses.find(({ address }) => !isPublicAddress(address))
      if (refused !== undefined) return callback(new AddressNotPublicError(hostname, refused.address), [])
      // A name with a hundred addresses would be tried a hundred times.
      if (options.all === true) return callback(null, addresses.slice(0, 8))
      callback(null, first.address, first.family)
    })
  }
}

function resolveAll(hostname: string, answer: Parameters<Resolve>[1]): void {
  lookup(hostname, { all: true }, answer)
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' })
}

// The special-purpose registries of IANA (RFC 6890 and its successors).
const specialIPv4 = subnets('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // shared by carriers; some clouds keep their metadata here
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and the metadata service of most clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])
// Everything outside this one block is local, mapped (::ffff:a.b.c.d), translated (64:ff9b::) or not assigned.
const globalIPv6 = subnets('ipv6', [['2000::', 3]])
const specialIPv6 = subnets('ipv6', [
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4 carries any IPv4 address
  ['3fff::', 20],
])

function subnets(family: 'ipv4' | 'ipv6', nets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [address, bits] of nets) list.addSubnet(address, bits, family)
  return list
}
