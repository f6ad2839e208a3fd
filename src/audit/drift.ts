import type { Evaluation } from '../evaluation/index.ts'
import type { Emergency, ExceptionState, Outcome, PatchException, Policy } from '../policy/index.ts'
import type { RunningImage } from '../inventory/index.ts'

/** The verdict for one container of one workload, as of one cycle. */
export interface Drift {
  readonly image: RunningImage
  /** With the verdict `outdated` also where a floating tag has moved on and the policy calls that a finding. */
  readonly evaluation: Evaluation
  readonly policy: Policy
  /** The name of the policy that decides about it; undefined where the configuration alone does. */
  readonly decidedBy: string | undefined
  /** What would be done about it, were it applied now. */
  readonly outcome: Outcome
  /** The same in the mode `enforce`. */
  readonly enforced: Outcome
  /** That only an annotation would let it in again; undefined where it needs none. */
  readonly emergency: Emergency | undefined
  /** The exceptions that name it, with their states. */
  readonly exceptions: readonly NamedException[]
  /** A pod runs another digest than the tag stands for now. */
  readonly moved: boolean
  /** The newest version of the same kind whatever the strategy, for information. */
  readonly newestOverall: string | undefined
  /** Since when there is something newer, in epoch milliseconds: published, or else first seen; undefined where not known. */
  readonly since: number | undefined
  /** Not judged, for the mode is `off`: no registry was asked. */
  readonly exempt: boolean
}

/** An exception that names an image, and its state there. */
export interface NamedException {
  readonly exception: PatchException
  readonly state: ExceptionState
}

/** What one cycle found. Times in epoch milliseconds. */
export interface DriftReport {
  readonly startedAt: number
  readonly finishedAt: number
  /** In the order of the inventory. */
  readonly rows: readonly Drift[]
  /** Every kind and namespace was looked at: what has no row is gone. */
  readonly complete: boolean
  /** What could not be looked at, as sentences for a person. */
  readonly problems: readonly string[]
  /** Labels and annotations that were meant to change something and say nothing known, as sentences too. */
  readonly ignored: readonly string[]
}

/** Whether a row was judged by a list of tags that is older than was wanted. */
export function isOverdue({ evaluation, exempt }: Drift): boolean {
  return evaluation.overdue && !exempt
}

/** Whether the tag of a row does not exist, as far as its registry says: it is current only because nothing newer is known. */
export function isMissing({ evaluation, exempt }: Drift): boolean {
  return evaluation.reason === 'not-listed' && !exempt
}

/** When the oldest list of tags was fetched by which rows of a report were judged, in epoch milliseconds; undefined where none was. */
export function oldestCheckOf(
  rows: Iterable<Drift>,
  { finishedAt }: Pick<DriftReport, 'finishedAt'>,
): number | undefined {
  let oldest: number | undefined
  for (const { evaluation } of rows)
    if (evaluation.age !== undefined) oldest = Math.min(oldest ?? finishedAt, finishedAt - evaluation.age)
  return oldest
}

/**
 * How far an outdated image is behind, in words, as they are told everywhere: `4 versions`, or `16 image revisions` where the
 * tags of its line count those.
 */
export function distanceOf({ behind, counted }: Pick<Evaluation, 'behind' | 'counted'>): string {
  const [one, many] = nouns[counted]
  return `${behind} ${behind === 1 ? one : many}`
}

const nouns = {
  versions: ['version', 'versions'],
  revisions: ['image revision', 'image revisions'],
} as const
