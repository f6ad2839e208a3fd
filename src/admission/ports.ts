import type { Evaluation } from '../evaluation/index.ts'

export type Labels = Readonly<Record<string, string>>

/** The labels of namespaces, for the mode that is set there. */
export interface NamespaceLabels {
  /**
   * From memory where known (the usual case, at once), else asked for. Undefined: there is no such namespace or no
   * cluster to ask. May reject; the caller then applies the defaults.
   */
  labelsOf(namespace: string): Labels | undefined | Promise<Labels | undefined>
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
  readonly evaluations: readonly Evaluation[]
}
