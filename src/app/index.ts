/** What the commands start, each loaded by those that need it and by no others. */
import type * as audit from './audit.ts'
import type * as once from './audit-once.ts'
import type * as facts from './cluster-facts.ts'
import type * as server from './serve.ts'
import type * as channels from '../channels/index.ts'

export type { ClusterFacts } from './cluster-facts.ts'
export type { RunningServer, ServerParts } from './serve.ts'
export { version } from './version.ts'

// What talks to registries, clusters and channels is loaded late: `check --tags-from` starts in a third of the time without it,
// and with a Node.js that is too old undici throws while it is imported, before anything could be said about that.

/** Loads the parts of the webhook and of `check`. */
export function loadServer(): Promise<typeof server> {
  return import('./serve.ts')
}

/** Loads the parts of the audit. */
export function loadAudit(): Promise<typeof audit> {
  return import('./audit.ts')
}

/** Loads the audit of one look. */
export function loadAuditOnce(): Promise<typeof once> {
  return import('./audit-once.ts')
}

/** Loads what explains the decisions in a cluster. */
export function loadClusterFacts(): Promise<typeof facts> {
  return import('./cluster-facts.ts')
}

/** Loads the transports of messages. */
export function loadChannels(): Promise<typeof channels> {
  return import('../channels/index.ts')
}
