import type { Reference } from '../image/index.ts'
import type { Counted, Reason, Verdict } from '../version/index.ts'
import type { Fitness } from './platform.ts'
import type { TagSourceCode } from './ports.ts'

/** A newer tag that was not chosen for what it is, and why. */
export interface PassedTag {
  readonly tag: string
  readonly reason: Exclude<Fitness, 'runs' | undefined>
}

/** The outcome for one container's image; `age` is that of the tags in milliseconds. */
export interface Evaluation {
  /** The text that the object carries. */
  readonly image: string
  readonly reference: Reference | undefined
  readonly verdict: Verdict
  readonly reason:
    | Reason
    | TagSourceCode
    | 'other-platform' // current: what is newer does not run on every platform that it runs on; `elsewhere` names it
    | 'same-digest' // current: the newest tag is another name for what runs
    | 'invalid-reference'
    | 'too-many-images'
    | 'namespace-off' // nothing was asked: the mode of its namespace is `off`
  /** What a person reads about an `unknown`, and about tags that are `overdue`: why. */
  readonly detail: string | undefined
  /** The same for who has nothing to do with the workload's namespace: it names no pull secret. */
  readonly detailForOthers: string | undefined
  readonly newest: string | undefined
  /** What `newest` stands for, where the reference has a digest and it is known. */
  readonly newestDigest: string | undefined
  /** Where the project of `newest` is, where its manifest names that and was read; see `ManifestFacts`. */
  readonly source: string | undefined
  /** When `newest` was first seen here, in epoch milliseconds; undefined where it was there before anybody looked. */
  readonly newestSeenAt: number | undefined
  /** When `newest` was pushed, in epoch milliseconds, where its registry says so. */
  readonly newestPublishedAt: number | undefined
  readonly elsewhere: string | undefined
  /** The line that was looked at, for a person: `1.25`; undefined where the strategy knows none. */
  readonly line: string | undefined
  /** How many versions lie between the tag and the newest, the newest included; 0 unless outdated. */
  readonly behind: number
  /** What `behind` counts. */
  readonly counted: Counted
  readonly age: number | undefined
  /** The tags are too old to refuse anybody by. */
  readonly stale: boolean
  /** Fresh tags were wanted, and these are older: `detail` says why. */
  readonly overdue: boolean
  /** Whether `newest` runs where the image does is not known, `detail` says why: nothing is refused by it. */
  readonly unproven: boolean
  /** The tags that would have been `newest`, did they run where the image does; the newest first. */
  readonly passed: readonly PassedTag[]
  /** A tag that is not listed was so before, as far as that is remembered. */
  readonly wasListed: boolean
}
