import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'

/** The limits of the webhook; times in milliseconds. */
export interface WebhookLimits {
  /** How long the first look-ups of one review may take, however long the API server would wait. */
  readonly lookupBudget: number
  /** Connections at once; one more replaces an idle one. */
  readonly connections: number
  /** Reviews in flight, from their first byte on; one more evicts the oldest whose body still arrives, and gets 503 if there is none. */
  readonly reviewsInFlight: number
  /** Bytes of the bodies of all reviews in flight together, beyond the first 64 KiB of each; a body that finds no room gets 503. */
  readonly bodyBytes: number
  /** Bytes of one body. */
  readonly largestBody: number
  /** How long a body that holds room may take once there is no room for another. */
  readonly bodyPatience: number
  /** How long a body may take to arrive. */
  readonly bodyTimeout: number
  /** How long `close` waits for requests in flight. */
  readonly closeDeadline: number
}

/**
 * What an API server may send, in bytes: an UPDATE carries an object of up to 3 MiB (apiserver MaxRequestBodyBytes) and an
 * old one of up to 1.5 MiB (etcd's limit of a request), and Go's encoder writes each `<`, `>` and `&` as six bytes: 27 MiB.
 * A patch may add its 3 MiB to the old object before the store would refuse the new one: 36 MiB, and the frame.
 */
const largestBody = 40 * 1024 * 1024

export const defaultWebhookLimits: WebhookLimits = {
  lookupBudget: 800, // a person at a terminal does not notice it, and it fits into the shortest timeout of 1 s
  connections: 600, // some 100 KiB each; one for each review in flight, and some to be told 503
  reviewsInFlight: 500, // far beyond what one API server asks at once; a waiting review holds its body in memory
  bodyBytes: 48 * 1024 * 1024, // one of the largest and others: with all else it fits into the memory limit
  largestBody,
  bodyPatience: 1_000, // an API server sends the largest within this, and repeats a request after a 503
  bodyTimeout: 5_000, // slow, but not an attack
  closeDeadline: 5_000, // longer than the usual `timeoutSeconds: 3`, so whatever can still be answered is
}

/** The API server's default timeout (admissionregistration/v1 types.go), in milliseconds. */
const defaultTimeout = 10_000

/** The time for the response to reach the API server before it gives up, in milliseconds. */
const margin = 250

// Go's Duration.String() of the whole seconds that the API server sends: 3s, 30s, 1m30s.
const duration = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/

/**
 * How long a review's first look-ups may take, in milliseconds: what is configured, but less than the time that the API
 * server named in `?timeout=`, and never less than 0.
 */
export function lookupBudget(timeout: unknown, configured: number): number {
  return Math.max(0, Math.min(configured, readTimeout(timeout) - margin))
}

/** The milliseconds that a `?timeout=` stands for; the API server's default if it is missing or not a duration. */
export function readTimeout(text: unknown): number {
  if (typeof text !== 'string' || text === '') return defaultTimeout
  const parts = duration.exec(text)
  if (parts === null) return defaultTimeout
  const [, hours = '0', minutes = '0', seconds = '0'] = parts
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}

/**
 * Limits a server to `most` connections. One more closes an idle one: first one that never had a response, then the one
 * that has been idle for longest. The new one is closed only if all others are busy. A client that opens connections and sends
 * nothing thus displaces its own connections, and not those of the API server.
 */
export function limitConnections(server: Server, most: number): void {
  // In the order in which they were opened, or became idle or busy.
  const unused = new Map<string, Socket>()
  const idle = new Map<string, Socket>()
  const busy = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    unused.set(key, socket)
    socket.once('close', () => {
      for (const sockets of [unused, idle, busy]) if (sockets.get(key) === socket) sockets.delete(key)
    })
    if (unused.size + idle.size + busy.size > most) firstOf(unused, idle, socket).destroy()
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(socket)
    const own = unused.get(key) ?? idle.get(key)
    if (own === undefined) return
    unused.delete(key)
    idle.delete(key)
    busy.set(key, own)
    response.once('close', () => {
      if (busy.delete(key) && !own.destroyed) idle.set(key, own)
    })
  })
}

// TLS wraps the socket of the connection in another one: both have the address of the client.
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function firstOf(
  unused: ReadonlyMap<string, Socket>,
  idle: ReadonlyMap<string, Socket>,
  last: Socket,
): Socket {
  const [oldest = last] = unused.values()
  if (oldest !== last) return oldest
  const [longestIdle = last] = idle.values()
  return longestIdle
}
