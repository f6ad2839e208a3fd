import type { KubeConfig } from '@kubernetes/client-node'
import type { Backoff } from '../api/backoff.ts'
import type { KubernetesError } from '../api/kubernetes-error.ts'
import type { Listed, WatchTiming } from './listed.ts'

/** Where objects are kept. */
export interface ObjectSink<T> {
  /** These are all; what is not among them is gone. */
  replace(objects: readonly T[]): void
  set(object: T): void
  delete(object: T): void
}

/** Every time that a list and watch keeps, in milliseconds but for `watchSeconds`. */
export type ListWatchTiming = WatchTiming &
  Backoff & {
    readonly firstListLimit: number
    /** How long a refusal (403) stands, for only a person can mend it; without it, as long as any other failure. */
    readonly refusal?: number
    /** How long it stands that the API server does not have the kind (404); likewise. */
    readonly absence?: number
  }

/** What the watch needs, and whom it tells. */
export interface ListWatchOptions<T> {
  readonly kubeConfig: KubeConfig
  /** The same objects at the addresses of several versions, the best first: the first that is served is taken. */
  readonly versions: readonly [Listed<T>, ...Listed<T>[]]
  readonly sink: ObjectSink<T>
  /** Each failure, as it happens: at most one each `most` for long. The watch goes on. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly timing: ListWatchTiming
}
