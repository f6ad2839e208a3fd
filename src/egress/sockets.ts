import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'

import { createBoundedMap, type BoundedMap, withDeadline } from '../async/index.ts'

/** The host and port at the other end of a socket. */
export interface Peer {
  /** Without brackets. */
  readonly hostname: string
  readonly port: number
}

/** The codes of connection errors for which Node has no code. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: 'ERR_CONNECT_LATE' | 'ERR_TLS_LATE' | 'ERR_TLS_CLOSED'

  constructor(code: ConnectionError['code'], cause?: unknown) {
    super(`no connection was made (${code})`, cause === undefined ? {} : { cause })
    this.code = code
  }
}

/**
 * Opens a TCP connection within `timeout` milliseconds, to an address from the lookup.
 * @throws ConnectionError, the lookup's error, or Node's with its code.
 */
export function openTcp(peer: Peer, lookup: LookupFunction, timeout: number): Promise<Socket> {
  return withDeadline({ milliseconds: timeout, late: connectLate }, [], signal => {
    const { hostname: host, port } = peer
    const socket = connectTcp({ host, port, lookup, noDelay: true, keepAlive: true })
    return whenOpen(socket, 'connect', signal)
  })
}

/** The CA certificates that TLS connections trust, and the sessions that a later connection resumes at less cost. */
export interface TlsContext {
  readonly context: SecureContext
  readonly sessions: BoundedMap<Buffer>
}

// A server has a handful of hosts; redirects of registries to regions add a few.
const mostSessions = 32

/** Creates the TLS context for the CA certificates of a PEM text; undefined: those of the system. */
export function createTlsContext(ca: string | undefined): TlsContext {
  // Older versions are broken and forbidden (RFC 8996); said here because a flag or the environment may lower Node's own minimum.
  const context = createSecureContext({ minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) })
  return { context, sessions: createBoundedMap(mostSessions) }
}

/** The parameters of a TLS handshake over a socket. */
export interface TlsParts {
  readonly peer: Peer
  readonly context: TlsContext
  /** In milliseconds. */
  readonly timeout: number
}

/**
 * Starts TLS on an open connection; the certificate must be valid for the peer's name, whatever the environment says.
 * @throws ConnectionError, or Node's error with its code.
 */
export function openTls(socket: Socket, parts: TlsParts): Promise<Socket> {
  return withDeadline({ milliseconds: parts.timeout, late: tlsLate }, [], async signal => {
    try {
      return await whenOpen(connectSecured(socket, parts), 'secureConnect', signal)
    } catch (error) {
      socket.destroy()
      throw isReset(error) ? new ConnectionError('ERR_TLS_CLOSED', error) : error
    }
  })
}

function connectSecured(socket: Socket, { peer, context }: TlsParts): TLSSocket {
  const host = peer.hostname.replace(/\.$/, '')
  const session = context.sessions.get(host)
  const secured = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(session !== undefined && { session }),
    secureContext: context.context,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  })
  return secured.on('session', next => context.sessions.set(host, next))
}

function whenOpen(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  socket.on('error', ignore) // an error between here and its next owner must not end the process
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      reject(error instanceof Error ? error : new Error('no connection', { cause: error }))
    }
    const stop = (): void => fail(signal.reason)
    const closed = (): void => fail(new ConnectionError('ERR_TLS_CLOSED'))
    signal.addEventListener('abort', stop, { once: true })
    socket.once('error', fail)
    socket.once('close', closed)
    socket.once(event, () => {
      signal.removeEventListener('abort', stop)
      socket.off('error', fail)
      socket.off('close', closed)
      resolve(socket)
    })
  })
}

function ignore(): void {}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

function connectLate(): ConnectionError {
  return new ConnectionError('ERR_CONNECT_LATE')
}

function tlsLate(): ConnectionError {
  return new ConnectionError('ERR_TLS_LATE')
}
