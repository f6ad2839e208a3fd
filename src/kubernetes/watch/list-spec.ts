import type { KubeConfig } from '@kubernetes/client-node'
import type { Shape } from '../../json/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import type { Backoff } from '../api/timing.ts'

/** Reads what is kept of an object, whatever its shape; throws KubernetesError `invalid-answer` where it is not one of its kind. */
export type ReadObject<T> = (object: unknown, what: string) => T

/** How objects are read. */
export interface ObjectReader<T> {
  readonly read: ReadObject<T>
  /** What `read` looks at: nothing else is built of the objects of a page, which are mostly `managedFields` and status. */
  readonly shape: Shape
}

/** Where the objects of a kind are, and how they are listed, watched and read. */
export interface ListSpec<T> extends ObjectReader<T> {
  /** In words, for errors: `namespaces`. */
  readonly what: string
  /** `/apis/apps/v1/deployments` */
  readonly path: string
  /** `metadata.name=shop`: only these. */
  readonly fieldSelector?: string
  /** What a person does next where it may not be listed or watched. */
  readonly grant?: string
  /** Objects on a page. */
  readonly pageSize: number
  /** An end for a server that always names another page. */
  readonly mostPages: number
}

/** The part of a query that selects objects; empty where all are wanted. */
export function selectorOf({ fieldSelector }: ListSpec<unknown>): Readonly<Record<string, string>> {
  return fieldSelector === undefined ? {} : { fieldSelector }
}

/** What may be listed and watched. */
interface Granted {
  readonly group: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name?: string | undefined
}

/** What a person adds so that objects may be listed and watched. */
export function grantOf({ group, resource, namespace, name }: Granted): string {
  const where = namespace === undefined ? 'its ClusterRole' : `a Role in ${namespace}`
  const names = name === undefined ? '' : `, resourceNames: [${name}]`
  return `add to ${where}: { apiGroups: ['${group}'], resources: [${resource}]${names}, verbs: [list, watch] }`
}

/** The time limits of a watch in milliseconds, but for `watchSeconds`. */
export interface WatchTiming {
  /** For each page of a list, and for the response headers of a watch. */
  readonly answerLimit: number
  /** The server ends the watch after this; part of it is random, so that replicas do not come back together. */
  readonly watchSeconds: number
  /** Without a byte for so long the watch is dead: the server sends a bookmark about every minute. */
  readonly silenceLimit: number
}

/** The time limits of a list and watch in milliseconds, but for `watchSeconds`. */
export type ListWatchTiming = WatchTiming &
  Backoff & {
    readonly firstListLimit: number
    /** How long a refusal (403) stands, for only a person can mend it; without it, as long as any other failure. */
    readonly refusal?: number
    /** How long it stands that the API server does not have the kind (404); likewise. */
    readonly absence?: number
  }

/** Where objects are kept. */
export interface ObjectSink<T> {
  /** Replaces all objects by these. */
  replace(objects: readonly T[]): void
  set(object: T): void
  delete(object: T): void
}

/** What a list and watch needs, and what it reports to. */
export interface ListWatchOptions<T> {
  readonly kubeConfig: KubeConfig
  /** The same objects at the addresses of several versions, the best first: the first that is served is taken. */
  readonly versions: readonly [ListSpec<T>, ...ListSpec<T>[]]
  readonly sink: ObjectSink<T>
  /** Called for each failure: at most once in `most` for long. The watch goes on. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly timing: ListWatchTiming
}

/** An object that was read, or why it could not be: whatever an object does to its reader, it does to nothing else. */
export function readOr<T>(
  object: unknown,
  what: string,
  read: ReadObject<T>,
): { readonly object: T } | { readonly problem: KubernetesError } {
  try {
    return { object: read(object, what) }
  } catch (cause) {
    if (cause instanceof KubernetesError) return { problem: cause }
    const problem = new KubernetesError('invalid-answer', {
      what,
      why: 'an object that cannot be read',
      cause,
    })
    return { problem }
  }
}
