import type { Evaluation } from '../../evaluation/index.ts'
import type { Emergency, Subject } from '../../policy/index.ts'
import type { ContainerImage, PodAccess } from '../../workload/index.ts'

export type Labels = Readonly<Record<string, string>>

/** The labels of namespaces, for the mode that is set there. */
export interface NamespaceLabels {
  /**
   * From memory where known (the usual case, at once), else asked for. Undefined: there is no such namespace or no
   * cluster to ask. May reject; the caller then applies the defaults.
   */
  labelsOf(namespace: string): Labels | undefined | Promise<Labels | undefined>
}

/** A workload that is there, as policies see it. */
export interface ListedWorkload extends Omit<Subject, 'namespaceLabels'> {
  readonly name: string
  readonly images: readonly ContainerImage[]
  readonly access: PodAccess
}

/** Workloads that are there. */
export interface ListedWorkloads {
  readonly workloads: readonly ListedWorkload[]
  /** There are more. */
  readonly isCut: boolean
}

/** The workloads of a cluster, looked at when a change that decides about them is applied. */
export interface WorkloadLister {
  /** At most so many, of one namespace or (undefined) of all; undefined where they cannot be had. Never rejects. */
  list(namespace: string | undefined, most: number): Promise<ListedWorkloads | undefined>
}

/** Where images run already: in the pods of a namespace, or by a CronJob of it. */
export type ImageSource =
  | { readonly kind: 'pods'; readonly namespace: string }
  | { readonly kind: 'cronjob'; readonly namespace: string; readonly name: string }

/** The images that a namespace runs already, as the cluster reports them. */
export interface RunningImages {
  /** The texts of the images; undefined where they cannot be had. Never rejects. */
  imagesIn(source: ImageSource): Promise<readonly string[] | undefined>
}

export type Endpoint = 'validate' | 'mutate'
/** What came of one review: `skipped` where there was nothing to judge, `spared` where only a controller may do it. */
export type Decision = 'skipped' | 'allowed' | 'warned' | 'spared' | 'unjudged' | 'denied' | 'patched'

/** One review for the log and the metrics. */
export interface ReviewEvent {
  readonly endpoint: Endpoint
  readonly uid: string
  readonly operation: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** The name of the user that asked. */
  readonly user: string
  readonly decision: Decision
  /** That nothing but an annotation for an emergency lets the object through; of several policies the first. */
  readonly emergency: Pick<Emergency, 'policy' | 'reason'> | undefined
  readonly evaluations: readonly Evaluation[]
}
