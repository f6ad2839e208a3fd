import type * as composition from '../compose.ts'
import type * as auditComposition from '../compose-audit.ts'
import type * as channels from '../channels/index.ts'

// What talks to registries, clusters and channels is loaded by the commands that need it and by no others: `check --tags-from`
// starts in a third of the time without it, and with a Node.js that is too old undici throws while it is imported, before
// anything could be said about that.

/** The parts of the webhook and of `check`. */
export function loadComposition(): Promise<typeof composition> {
  return import('../compose.ts')
}

/** The parts of the audit. */
export function loadAuditComposition(): Promise<typeof auditComposition> {
  return import('../compose-audit.ts')
}

/** The transports of messages. */
export function loadChannels(): Promise<typeof channels> {
  return import('../channels/index.ts')
}
