/** The part of a Fastify application that closing needs, whatever its server is. */
export interface Closable {
  readonly server: { closeIdleConnections(): void; closeAllConnections(): void }
  close(): PromiseLike<unknown>
}

/** How often connections that have become idle are closed, in milliseconds. */
const sweepInterval = 50

/**
 * Closes a server: no new connections, idle ones at once, busy ones as they become idle, and what is left after
 * `deadline` milliseconds by force. A busy keep-alive connection would otherwise hold it open for its whole idle timeout.
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
