import type { LookupAddress } from 'node:dns'
import { request } from 'node:http'
import { isIP, isIPv6, type LookupFunction, type Socket } from 'node:net'
import { callbackify } from 'node:util'
import { withDeadline } from '../async/index.ts'
import type { DnsResolver } from './dns-resolver.ts'
import { ProxyError, refusedBy } from './proxy-error.ts'
import type { Proxy } from './proxy.ts'
import { createTlsContext, openTcp, openTls, type Peer } from './sockets.ts'

/**
 * Opens a connection, with TLS if the destination uses it.
 * @throws DnsError, ConnectionError, ProxyError, what the check of addresses throws, or Node's error with its code.
 */
export type Connect = (target: Destination) => Promise<Socket>

/** The destination of a connection. */
export interface Destination extends Peer {
  readonly isTls: boolean
}

/** The rules for connections: allowed addresses, trusted authorities. */
export interface ConnectRules {
  /** PEM text of CA certificates that replace those of the system. */
  readonly ca: string | undefined
  /** Whether names are also resolved in the search domains of resolv.conf. */
  readonly search: boolean
  /** Throws if one of the addresses is not allowed, even if others are: such a name is not trusted. */
  checkAddresses(hostname: string, addresses: readonly string[]): void
}

/** The dependencies of connections; `timeout` in milliseconds for each step. */
export interface ConnectParts {
  readonly timeout: number
  readonly resolver: DnsResolver
}

/** Creates connections directly to a host, at addresses that passed the check. */
export function connectDirect(rules: ConnectRules, { timeout, resolver }: ConnectParts): Connect {
  const context = createTlsContext(rules.ca)
  const lookup = createLookup(async hostname => {
    const addresses = await resolver.resolve(hostname, { search: rules.search })
    rules.checkAddresses(hostname, addresses)
    return addresses
  })
  return async peer => {
    // Sockets do not look up an address.
    if (isIP(peer.hostname) !== 0) rules.checkAddresses(peer.hostname, [peer.hostname])
    const socket = await openTcp(peer, lookup, timeout)
    return peer.isTls ? openTls(socket, { peer, context, timeout }) : socket
  }
}

/** Creates connections to a proxy. The configuration names it, so any address is allowed. */
export function connectToProxy(proxy: Proxy, { timeout, resolver }: ConnectParts): Connect {
  const context = createTlsContext(proxy.ca)
  const lookup = createLookup(hostname => resolver.resolve(hostname, { search: true }))
  return async () => {
    try {
      const socket = await openTcp(proxy, lookup, timeout)
      return proxy.protocol === 'https:' ? await openTls(socket, { peer: proxy, context, timeout }) : socket
    } catch (cause) {
      throw new ProxyError('ERR_PROXY_UNREACHABLE', 'there is no connection to it', { proxy, cause })
    }
  }
}

/** Creates connections to a host through a proxy, which resolves the name; TLS is with the host itself. */
export function connectThroughProxy(rules: ConnectRules, proxy: Proxy, parts: ConnectParts): Connect {
  const { timeout } = parts
  const context = createTlsContext(rules.ca)
  const open = connectToProxy(proxy, parts)
  return async peer => {
    const socket = await tunnelThrough(await open(peer), { proxy, peer, timeout })
    return peer.isTls ? openTls(socket, { peer, context, timeout }) : socket
  }
}

// A name with a hundred addresses would be tried a hundred times, a quarter of a second each.
const mostAddresses = 8

/**
 * Creates a `lookup` for sockets. The socket connects to the addresses that it returns, so a name that changes between the check
 * and the connection (DNS rebinding) has no effect.
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

/**
 * Opens a tunnel to a peer over a connection to a proxy (CONNECT: RFC 9110, 9.3.6); `timeout` in milliseconds.
 * @throws ProxyError if the proxy opens none.
 */
export async function tunnelThrough(
  socket: Socket,
  { proxy, peer, timeout }: { readonly proxy: Proxy; readonly peer: Peer; readonly timeout: number },
): Promise<Socket> {
  const late = (): ProxyError =>
    new ProxyError('ERR_PROXY_LATE', `it does not answer within ${timeout / 1000} s`, { proxy })
  try {
    const status = await withDeadline({ milliseconds: timeout, late }, [], signal =>
      askFor(peer, { socket, proxy, signal }),
    )
    if (status >= 200 && status < 300) return socket
    throw refusedBy(proxy, status)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

interface TunnelRequest {
  readonly socket: Socket
  readonly proxy: Proxy
  readonly signal: AbortSignal
}

function askFor({ hostname, port }: Peer, { socket, proxy, signal }: TunnelRequest): Promise<number> {
  const authority = `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    const asked = request({
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        connection: 'keep-alive', // Node would say close, which some proxies take to be about the tunnel
        ...(proxy.authorization !== undefined && { 'proxy-authorization': proxy.authorization }),
      },
      createConnection: () => socket,
    })
    asked.once('connect', (response, _, head) => {
      // The peer sends nothing first: these bytes are from the proxy itself.
      if (head.length > 0)
        reject(new ProxyError('ERR_PROXY_CHATTER', 'it sent more than an answer to CONNECT', { proxy }))
      else resolve(response.statusCode ?? 0)
    })
    asked.once('error', cause =>
      reject(new ProxyError('ERR_PROXY_CLOSED', 'it closed the connection', { proxy, cause })),
    )
    asked.end()
  })
}
