import type { LookupAddress } from 'node:dns'
import { isIPv6, type LookupFunction } from 'node:net'
import { callbackify } from 'node:util'

// A name with a hundred addresses would be tried a hundred times, a quarter of a second each.
const mostAddresses = 8

/**
 * A `lookup` for sockets. What it gives is what the socket connects to, so that a name which changes between the check of its
 * addresses and the connection (DNS rebinding) gains nothing.
 */
export function createLookup(resolve: (hostname: string) => Promise<readonly string[]>): LookupFunction {
  const look = callbackify(async (hostname: string) => (await resolve(hostname)).map(withFamily))
  return (hostname, options, callback) => {
    look(hostname, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const [first] = addresses
      if (first === undefined) return callback(new Error(`${hostname} has no address`), [])
      if (options.all === true) return callback(null, addresses.slice(0, mostAddresses))
      callback(null, first.address, first.family)
    })
  }
}

function withFamily(address: string): LookupAddress {
  return { address, family: isIPv6(address) ? 6 : 4 }
}
