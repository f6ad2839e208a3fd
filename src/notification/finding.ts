import type { Manager, RunningImage, Workload } from '../audit/index.ts'

/** What somebody should know of one container: an outdated image, a tag that moved on, a look that fails. */
export interface Finding {
  /** Tells it from every other one, in all cycles: namespace, kind, name, container, field. */
  readonly key: string
  readonly kind: 'outdated' | 'moved' | 'failing'
  readonly workload: Workload
  readonly container: string
  readonly field: RunningImage['field']
  readonly image: string
  /** The tag to go to; undefined for what is moved or failing. */
  readonly newest: string | undefined
  /** The whole reference to go to, its repository as it is written; a digest pin becomes that of the newest tag, or goes where that is not known. */
  readonly newestImage: string | undefined
  readonly newestOverall: string | undefined
  readonly behind: number
  /** The same in words: `4 versions`. */
  readonly distance: string
  /** Since when it is behind, in epoch milliseconds. */
  readonly since: number | undefined
  /** Why it cannot be looked at, for a failing one. */
  readonly detail: string | undefined
  /** Of the evaluation: `newer`, `unauthorized`. */
  readonly reason: string
  readonly manager: Manager | undefined
  /** Of a finding that is resolved: the image that the container has now. */
  readonly now?: string
}
