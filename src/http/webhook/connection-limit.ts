import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'

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
