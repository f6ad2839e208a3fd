import type { LookupAddress } from 'node:dns'
import { request } from 'node:http'
import { isIPv6, type LookupFunction, type Socket } from 'node:net'
import { callbackify } from 'node:util'
import { withDeadline } from '../../async/index.ts'
import type { Proxy } from '../../egress/index.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'
import type { DnsResolver } from './dns-resolver.ts'
import type { Egress } from './egress.ts'
import { createTlsContext, openTcp, openTls, type Peer } from './sockets.ts'

/** Makes a connection, with TLS where that is wanted. @throws RegistryError */
export type Connect = (target: Destination) => Promise<Socket>

/** Where a connection leads. */
export interface Destination extends Peer {
  readonly isTls: boolean
}

/** What connections are made with; `timeout` in milliseconds for each of its steps. */
export interface ConnectParts {
  readonly timeout: number
  readonly egress: Egress
  readonly resolver: DnsResolver
}

/** Connections straight to a registry, to addresses that were checked. */
export function connectDirect(registry: Registry, { timeout, egress, resolver }: ConnectParts): Connect {
  const context = createTlsContext(registry.ca)
  const lookup = createLookup(async hostname => {
    // What is public has its name in public DNS: a cluster's search domains must not be able to hold another.
    const addresses = await resolver.resolve(hostname, { search: registry.addresses === 'named' })
    egress.checkAddresses(registry, hostname, addresses)
    return addresses
  })
  return async peer => {
    const socket = await openTcp(peer, lookup, timeout)
    return peer.isTls ? openTls(socket, { peer, context, timeout }) : socket
  }
}

/** Connections to a proxy, which a person has named: any address is meant. */
export function connectToProxy(proxy: Proxy, { timeout, resolver }: ConnectParts): Connect {
  const context = createTlsContext(proxy.ca)
  const lookup = createLookup(hostname => resolver.resolve(hostname, { search: true }))
  return async () => {
    try {
      const socket = await openTcp(proxy, lookup, timeout)
      return proxy.protocol === 'https:' ? await openTls(socket, { peer: proxy, context, timeout }) : socket
    } catch (error) {
      throw error instanceof RegistryError ? proxyError(proxy, error.message, error) : error
    }
  }
}

/** Connections to a registry through a proxy, which resolves the name; TLS is with the registry itself. */
export function connectThroughProxy(registry: Registry, proxy: Proxy, parts: ConnectParts): Connect {
  const { timeout } = parts
  const context = createTlsContext(registry.ca)
  const open = connectToProxy(proxy, parts)
  return async peer => {
    const socket = await tunnelThrough(await open(peer), { proxy, peer, timeout })
    return peer.isTls ? openTls(socket, { peer, context, timeout }) : socket
  }
}

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

/**
 * Makes a proxy pass an open connection to it on to a peer (CONNECT: RFC 9110, 9.3.6); `timeout` in milliseconds.
 * @throws RegistryError where it does not.
 */
export async function tunnelThrough(
  socket: Socket,
  { proxy, peer, timeout }: { readonly proxy: Proxy; readonly peer: Peer; readonly timeout: number },
): Promise<Socket> {
  const late = (): RegistryError => proxyError(proxy, `it does not answer within ${timeout / 1000} s`)
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

/** The error of a proxy itself, which is named without its credentials. */
export function proxyError(proxy: Proxy, why: string, cause?: unknown): RegistryError {
  return new RegistryError('unavailable', `the proxy ${proxy.origin}: ${why}`, {
    next: 'check it and what names it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, or proxy under registries',
    ...(cause !== undefined && { cause }),
  })
}

/** What a proxy's own refusal means. */
export function refusedBy(proxy: Proxy, status: number): RegistryError {
  if (status !== 407) return proxyError(proxy, `it answered ${status} in place of a connection`)
  const did =
    proxy.authorization === undefined
      ? 'wants a user name and a password'
      : 'refuses its user name or password'
  return proxyError(proxy, `it ${did} (407)`)
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
      // The peer speaks only after we do: what is here already is the proxy's own.
      if (head.length > 0) reject(proxyError(proxy, 'it sent more than an answer to CONNECT'))
      else resolve(response.statusCode ?? 0)
    })
    asked.once('error', error => reject(proxyError(proxy, 'it closed the connection', error)))
    asked.end()
  })
}
