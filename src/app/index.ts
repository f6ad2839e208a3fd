/** What the commands start, each loaded by those that need it and by no others. */
import type * as audit from './audit/audit.ts'
import type * as once from './audit/audit-once.ts'
import type * as catalogFile from './parts/catalog-file.ts'
import type * as facts from './parts/cluster-facts.ts'
import type * as watch from './watch/watch.ts'
import type * as server from './webhook/serve.ts'
import type * as channels from '../channels/index.ts'

export type { CatalogFile, ExportedRepository } from './parts/catalog-file.ts'
export type { ClusterFacts } from './parts/cluster-facts.ts'
export type { RunningServer, ServerParts } from './webhook/serve.ts'
export { version } from './process/version.ts'

// What talks to registries, clusters and channels is loaded late: `check --tags-from` starts in a third of the time without it,
// and with a Node.js that is too old undici throws while it is imported, before anything could be said about that.

/** Loads the parts of the webhook and of `check`. */
export function loadServer(): Promise<typeof server> {
  return import('./webhook/serve.ts')
}

/** Loads the server of `patchline watch`. */
export function loadWatch(): Promise<typeof watch> {
  return import('./watch/watch.ts')
}

/** Loads the parts of the audit. */
export function loadAudit(): Promise<typeof audit> {
  return import('./audit/audit.ts')
}

/** Loads the audit of one look. */
export function loadAuditOnce(): Promise<typeof once> {
  return import('./audit/audit-once.ts')
}

/** Loads what explains the decisions in a cluster. */
export function loadClusterFacts(): Promise<typeof facts> {
  return import('./parts/cluster-facts.ts')
}

/** Loads what reads and writes catalog files. */
export function loadCatalogFile(): Promise<typeof catalogFile> {
  return import('./parts/catalog-file.ts')
}

/** Loads the transports of messages. */
export function loadChannels(): Promise<typeof channels> {
  return import('../channels/index.ts')
}
