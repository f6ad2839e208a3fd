import type { FastifyInstance } from 'fastify'

interface Health {
  readonly version: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Adds `GET /health` as image-watcher has it, for its probes: that the process lives. The operations port says more. */
export function addHealthRoute(app: FastifyInstance, { version, now }: Health): void {
  const startedAt = now()
  app.get('/health', () => ({
    status: 'OK',
    uptime: (now() - startedAt) / 1000,
    startTime: new Date(startedAt).toISOString(),
    versionNumber: version,
  }))
}
