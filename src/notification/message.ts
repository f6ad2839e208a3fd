import type { Finding } from './finding.ts'

/** How many containers there are, and how they stand. */
export interface Totals {
  readonly workloads: number
  readonly containers: number
  readonly outdated: number
  readonly failing: number
  /** Not looked at yet: after a cold start their registries are still being asked. Undefined where nobody counted. */
  readonly unchecked?: number
  /** Not told until an instant. */
  readonly snoozed: number
  /** Not told because of their newest tag. */
  readonly skipped: number
  /** Outdated for longer than a fortnight. */
  readonly old: number
}

/** A message to one route: what changed since the last one, with the totals before it. */
export interface Message {
  /** What the cluster is called in the configuration; undefined where it is not. */
  readonly cluster: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
  /** `first`: right after the first start; `change`; `reminder`: nothing new, but still outdated; `heartbeat`: all is well. */
  readonly occasion: 'first' | 'change' | 'reminder' | 'heartbeat' | 'test'
  readonly totals: Totals
  readonly appeared: readonly Finding[]
  /** There is a still newer tag than the one told of. */
  readonly changed: readonly Finding[]
  /** With what the container has now. */
  readonly resolved: readonly Finding[]
  /** Of workloads that are gone. */
  readonly removed: readonly Finding[]
  /** Namespaces of `removed` that are gone with all that was in them, so that each is said once. */
  readonly goneNamespaces: readonly string[]
  /** Told of before and as it was: for reminders, and for a channel that is new. */
  readonly remaining: readonly Finding[]
  readonly failing: readonly Finding[]
}
