import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that breaks whenever it is told to. */
export interface ChaosProxy {
  readonly port: number
  /** Breaks every connection, with whatever is under way on it; how many there were. */
  cut(): number
  /** Breaks them again and again until the returned function is called. */
  cutEach(milliseconds: number): () => void
  close(): Promise<void>
}

/** Starts a proxy on 127.0.0.1 that passes bytes to a port of the same machine. TLS goes through as it is. */
export async function startChaosProxy(target: number): Promise<ChaosProxy> {
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => one.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const cut = (): number => {
    const count = sockets.size / 2
    // With a reset, as a router that has forgotten the connection answers.
    for (const socket of sockets) socket.resetAndDestroy()
    return count
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    cutEach(milliseconds) {
      const timer = setInterval(cut, milliseconds)
      return () => clearInterval(timer)
    },
    async close() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
