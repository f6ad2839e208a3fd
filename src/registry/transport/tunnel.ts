import { request } from 'node:http'
import { isIPv6, type Socket } from 'node:net'

import { withDeadline } from '../../async/index.ts'
import { RegistryFault } from '../response/fault.ts'
import type { Peer } from './connector.ts'
import type { Proxy } from './proxy.ts'

/**
 * Makes a proxy pass an open connection to it on to a peer (CONNECT: RFC 9110, 9.3.6); `timeout` in milliseconds.
 * @throws RegistryFault where it does not.
 */
export async function tunnelThrough(
  socket: Socket,
  { proxy, peer, timeout }: { readonly proxy: Proxy; readonly peer: Peer; readonly timeout: number },
): Promise<Socket> {
  const late = (): RegistryFault => proxyFault(proxy, `it does not answer within ${timeout / 1000} s`)
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

/** A fault of the proxy itself, which is named without its credentials. */
export function proxyFault(proxy: Proxy, why: string, cause?: unknown): RegistryFault {
  return new RegistryFault('unavailable', `the proxy ${proxy.origin}: ${why}`, {
    next: 'check it and what names it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, or proxy under registries',
    ...(cause !== undefined && { cause }),
  })
}

/** What a proxy's own refusal means. */
export function refusedBy(proxy: Proxy, status: number): RegistryFault {
  if (status !== 407) return proxyFault(proxy, `it answered ${status} in place of a connection`)
  const did =
    proxy.authorization === undefined
      ? 'wants a user name and a password'
      : 'refuses its user name or password'
  return proxyFault(proxy, `it ${did} (407)`)
}

interface Asking {
  readonly socket: Socket
  readonly proxy: Proxy
  readonly signal: AbortSignal
}

function askFor({ hostname, port }: Peer, { socket, proxy, signal }: Asking): Promise<number> {
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
      if (head.length > 0) reject(proxyFault(proxy, 'it sent more than an answer to CONNECT'))
      else resolve(response.statusCode ?? 0)
    })
    asked.once('error', error => reject(proxyFault(proxy, 'it closed the connection', error)))
    asked.end()
  })
}
