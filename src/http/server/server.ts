import type { AddressInfo } from 'node:net'
import type { FastifyReply } from 'fastify'

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

/** The log for faults of the servers: a constant message and fields. */
export interface Log {
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** A response of one status and one line of plain text, which says nothing about the inside. */
export interface TextResponse {
  readonly status: number
  readonly text: string
}

/** The response to a URL that cannot be parsed. */
export const badRequest: TextResponse = { status: 400, text: 'bad request' }
/** The response to a path that has no route. */
export const notFound: TextResponse = { status: 404, text: 'not found' }
/** The response to a fault of the server; the log has its cause. */
export const internalError: TextResponse = { status: 500, text: 'internal error' }

/** Sends a text response. */
export function sendText(reply: FastifyReply, { status, text }: TextResponse): FastifyReply {
  return reply.code(status).type('text/plain').send(`${text}\n`)
}
