import { createServer, type Socket } from 'node:net'

import type { Test } from 'tap'

/** Where nothing may connect. */
export interface TrapServer {
  readonly port: number
  readonly connections: () => number
  /** What was sent to it, in all. */
  readonly received: () => string
}

/** Starts a trap that ends with the test: it takes every connection, counts it and says nothing. */
export async function trapServer(
  t: Test,
  { address = '127.0.0.1', port = 0 }: { readonly address?: string; readonly port?: number } = {},
): Promise<TrapServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  let received = ''
  const server = createServer(socket => {
    connections++
    sockets.add(socket)
    socket.on('data', data => (received += data.toString('latin1')))
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  t.teardown(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the trap has no port')
  return { port: bound.port, connections: () => connections, received: () => received }
}
