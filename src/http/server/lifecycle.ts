import type { AddressInfo } from 'node:net'

/** The part of a Fastify application that listening needs, whatever its server is. */
export interface Listenable {
  readonly server: { address(): AddressInfo | string | null }
  listen(where: { readonly host: string; readonly port: number }): PromiseLike<unknown>
}

/** Listens, and returns the port: the given one, unless that is 0. Rejects where the port cannot be bound. */
export async function listen(app: Listenable, host: string, port: number): Promise<number> {
  await app.listen({ host, port })
  const address = app.server.address()
  return address === null || typeof address === 'string' ? port : address.port
}

/** The part of a Fastify application that closing needs, whatever its server is. */
export interface Closable {
  readonly server: { closeIdleConnections(): void; closeAllConnections(): void }
  close(): PromiseLike<unknown>
}

/** How often connections that have become idle are closed, in milliseconds. */
const sweepInterval = 50

/**
 * Closes a server: accepts no new connections, closes idle connections at once, busy ones as they become idle, and the rest by
 * force after `deadline` milliseconds. Without this, a busy keep-alive connection holds the server open for its idle timeout.
 */
export async function closeGracefully(app: Closable, deadline: number): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), sweepInterval)
  const force = setTimeout(() => app.server.closeAllConnections(), deadline)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(force)
  }
}
