import type { DriftItem } from '../api/index.ts'
import type { PullIdentity } from '../evaluation/index.ts'
import { compareTexts } from '../text/index.ts'
import type { Annotated, ContainerImage } from '../workload/index.ts'
import type { Manager } from './manager.ts'

/** The object at the top of a chain of owners: what a person applied, or a pod without an owner. */
export interface Workload {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** The order of workloads: by namespace, kind and name. */
export function compareWorkloads(
  one: Pick<Workload, 'namespace' | 'kind' | 'name'>,
  other: Pick<Workload, 'namespace' | 'kind' | 'name'>,
): number {
  return (
    compareTexts(one.namespace, other.namespace) ||
    compareTexts(one.kind, other.kind) ||
    compareTexts(one.name, other.name)
  )
}

/**
 * What names an image: the workload's template; pods alone, as where the owner's template is not known or a container was
 * injected; or pods that are left of an earlier template, which names another image for the container by now.
 */
export type Origin = DriftItem['origin']

/** One container's image of one workload, however many pods run it. */
export interface RunningImage extends ContainerImage {
  readonly workload: Workload
  readonly origin: Origin
  /** How many pods have the container now; 0 where only a template names it. */
  readonly pods: number
  /** The different digests that those pods run (`sha256:...`, of their `imageID`); empty where none is known. */
  readonly digests: readonly string[]
  readonly requester: PullIdentity
  /** Those of the workload. */
  readonly labels: Readonly<Record<string, string>>
  /** Those of the workload under `patchline.dev/`, but for what reviews wrote. */
  readonly annotations: Readonly<Record<string, string>>
  /** What reviews wrote on the workload. */
  readonly annotated: Annotated
  /** What applies the workload from its own source. */
  readonly manager: Manager | undefined
}

/** What the cluster runs, as watched. */
export interface Inventory {
  /** Whether every list was complete once: before that, what is missing is not gone. */
  readonly synced: boolean
  /** Why it may be behind the cluster: kinds that may not be listed, watches that are silent; sentences for a person. */
  problems(): readonly string[]
  /** Every image, in the order of namespace, kind, name, container. A snapshot: later changes do not show. */
  images(): Iterable<RunningImage>
  /** The labels of a namespace; undefined where it is not known. */
  labelsOf(namespace: string): Readonly<Record<string, string>> | undefined
}
