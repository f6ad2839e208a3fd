import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'

/**
 * Holds a server to `most` connections. One more closes an idle one: first of those that never had an answer, then the one
 * that has been idle for longest. Only where all of them are busy the new one is closed. A client that opens connections
 * and says nothing thus displaces its own, and not those of the API server.
 */
export function limitConnections(server: Server, most: number): void {
  // In the order of their opening, and of their last answer.
  const unanswered = new Map<string, Socket>()
  const idle = new Map<string, Socket>()
  const busy = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    unanswered.set(key, socket)
    socket.once('close', () => {
      for (const sockets of [unanswered, idle, busy]) if (sockets.get(key) === socket) sockets.delete(key)
    })
    if (unanswered.size + idle.size + busy.size > most) firstOf(unanswered, idle, socket).destroy()
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(socket)
    const own = unanswered.get(key) ?? idle.get(key)
    if (own === undefined) return
    unanswered.delete(key)
    idle.delete(key)
    busy.set(key, own)
    response.once('close', () => {
      if (busy.delete(key) && !own.destroyed) idle.set(key, own)
    })
  })
}

// TLS wraps the socket of the connection in another one: both know where it comes from.
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function firstOf(
  unanswered: ReadonlyMap<string, Socket>,
  idle: ReadonlyMap<string, Socket>,
  last: Socket,
): Socket {
  const [oldest = last] = unanswered.values()
  if (oldest !== last) return oldest
  const [longestIdle = last] = idle.values()
  return longestIdle
}
