import type { Reference } from '../image/index.ts'
import type { Choice, Counted, Reason, Verdict } from '../version/index.ts'
import type { Fitness } from './platform.ts'
import type { KnownTags } from './ports.ts'
import type { TagSourceCode } from './tag-source.ts'

/** A newer tag that was not chosen for what it is, and why. */
export interface PassedTag {
  readonly tag: string
  readonly reason: Exclude<Fitness, 'runs' | undefined> | 'waiting'
}

/** A newer tag that is too young to be offered, and when it will be old enough, in epoch milliseconds. */
export interface Waiting {
  readonly tag: string
  readonly until: number
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
    | 'waiting' // current: what is newer is too young to be offered; `waiting` names it
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
  /** When `newest` was first seen here, in epoch milliseconds; undefined where it was there at the first look. */
  readonly newestSeenAt: number | undefined
  /** When `newest` was pushed, in epoch milliseconds, where its registry says so. */
  readonly newestPublishedAt: number | undefined
  /** When the first newer tag came, in epoch milliseconds, as far as that is known: see {@link cameAt}. */
  readonly firstSeenNewer: number | undefined
  /** The newest of the tags that are too young to be offered. */
  readonly waiting: Waiting | undefined
  readonly elsewhere: string | undefined
  /** The line that was looked at, for a person: `1.25`; undefined where the strategy knows none. */
  readonly line: string | undefined
  /** How many versions lie between the tag and the newest, the newest included; 0 unless outdated. */
  readonly behind: number
  /** What `behind` counts. */
  readonly counted: Counted
  readonly age: number | undefined
  /** The tags are too old to refuse an image by. */
  readonly stale: boolean
  /** Fresh tags were wanted, and these are older: `detail` says why. */
  readonly overdue: boolean
  /** Whether `newest` runs where the image does is not known, `detail` says why: nothing is refused by it. */
  readonly unproven: boolean
  /** The tags that would have been `newest`, did they run where the image does, and were they old enough; the newest first. */
  readonly passed: readonly PassedTag[]
  /** A tag that is not listed was so before, as far as that is remembered. */
  readonly wasListed: boolean
}

interface Chosen {
  readonly choice: Choice
  /** See `Evaluation`. */
  readonly passed?: readonly PassedTag[]
  readonly waiting?: Waiting | undefined
  readonly known: KnownTags
  /** Of an outdated image. */
  readonly counted?: Counted
  /** Of an outdated image that is pinned, where it is known. */
  readonly newestDigest?: string | undefined
  /** Of an outdated image, where it is known. */
  readonly source?: string | undefined
}

/** The evaluation by a choice among the tags that are known. */
export function judged(image: string, reference: Reference, by: Chosen): Evaluation {
  const { verdict, reason, newest, next, elsewhere, line, behind } = by.choice
  const { counted = 'versions', newestDigest, source } = by
  const { age, stale, failure } = by.known
  const { newestSeenAt, newestPublishedAt } = instantsOf(newest, by.known)
  return {
    image,
    reference,
    verdict,
    reason,
    detail: failure?.message,
    detailForOthers: failure?.messageForOthers,
    newest,
    newestDigest,
    source,
    newestSeenAt,
    newestPublishedAt,
    firstSeenNewer: next === undefined ? undefined : cameAt(next, by.known),
    waiting: by.waiting,
    elsewhere,
    line,
    behind,
    counted,
    age,
    stale,
    overdue: failure !== undefined,
    unproven: false,
    passed: by.passed ?? none,
    wasListed: reason === 'not-listed' && by.known.wasListed?.(reference.tag ?? '') === true,
  }
}

/** The same, where it is not known whether the newest tag runs where the image does, and why: nothing is refused by it. */
export function unproven(
  evaluation: Evaluation,
  { detail = '', detailForOthers = detail }: Partial<WhyUnknown>,
): Evaluation {
  const told = (why: string): string =>
    `whether ${evaluation.newest} runs on the platforms of the image is not known: ${why}`
  return {
    ...evaluation,
    unproven: true,
    detail: told(detail),
    detailForOthers: told(detailForOthers),
  }
}

/** An image whose line goes on in a tag that does not run on every platform of the image. */
export function onOtherPlatform(image: string, reference: Reference, by: Chosen): Evaluation {
  const elsewhere = by.passed?.find(({ reason }) => reason === 'other-platform')?.tag
  const evaluation = judged(image, reference, by)
  return elsewhere === undefined ? evaluation : { ...evaluation, reason: 'other-platform', elsewhere }
}

/** An image whose newest tag is another name for what runs. */
export function sameContent(image: string, reference: Reference, by: Chosen): Evaluation {
  const choice = { ...by.choice, ...nothingNewer }
  return { ...judged(image, reference, { ...by, choice }), reason: 'same-digest' }
}

/** An image of whose line all that is newer is too young to be offered. */
export function onlyWaiting(image: string, reference: Reference, by: Chosen): Evaluation {
  const choice = { ...by.choice, ...nothingNewer, elsewhere: undefined }
  return { ...judged(image, reference, { ...by, choice }), reason: 'waiting' }
}

const nothingNewer = { verdict: 'current', newest: undefined, next: undefined, behind: 0 } as const

/** The same without other tags, for they were not proven to exist. */
export function withheld(image: string, reference: Reference, by: Chosen): Evaluation {
  const { choice } = by
  const isOfOwnTag = choice.reason === 'not-listed' || choice.reason === 'unlisted'
  const reason = choice.elsewhere === undefined || isOfOwnTag ? choice.reason : 'newest'
  return judged(image, reference, {
    ...by,
    choice: { ...choice, reason, newest: undefined, next: undefined, elsewhere: undefined },
  })
}

/** The evaluation of an image that no list of tags can change. */
export function judgedWithoutTags(image: string, reference: Reference, choice: Choice): Evaluation {
  const { verdict, reason, line } = choice
  return { ...nothing, image, reference, verdict, reason, line }
}

/** Why nothing is known; `detailForOthers` where it is not the same. */
export type WhyUnknown = Pick<Evaluation, 'reason' | 'detail'> & Partial<Pick<Evaluation, 'detailForOthers'>>

/** An image of which nothing is known, and why. */
export function unknown(
  image: string,
  reference: Reference | undefined,
  { reason, detail, detailForOthers = detail }: WhyUnknown,
): Evaluation {
  return { ...nothing, image, reference, verdict: 'unknown', reason, detail, detailForOthers }
}

/** An image whose registry has not answered yet. */
export function notCheckedYet(
  image: string,
  reference?: Reference,
  detail = 'a first look-up of its tags goes on in the background',
): Evaluation {
  return unknown(image, reference, { reason: 'not-checked-yet', detail })
}

const none: readonly PassedTag[] = []
const nothing = {
  detail: undefined,
  detailForOthers: undefined,
  newest: undefined,
  newestDigest: undefined,
  source: undefined,
  newestSeenAt: undefined,
  newestPublishedAt: undefined,
  firstSeenNewer: undefined,
  waiting: undefined,
  elsewhere: undefined,
  line: undefined,
  behind: 0,
  counted: 'versions',
  age: undefined,
  stale: false,
  overdue: false,
  unproven: false,
  passed: none,
  wasListed: false,
} as const

/**
 * When a tag came, by what its image cannot forge: when its registry says that it was pushed, else when it was first seen, else
 * when its repository was first looked at, for it was there then.
 */
export function cameAt(tag: string, known: KnownTags): number | undefined {
  return known.published?.(tag) ?? known.firstSeen?.(tag) ?? known.knownSince
}

/** When the newest tag was first seen, and when it was published, as far as that is known. */
function instantsOf(
  newest: string | undefined,
  known: KnownTags,
): Pick<Evaluation, 'newestSeenAt' | 'newestPublishedAt'> {
  return newest === undefined
    ? { newestSeenAt: undefined, newestPublishedAt: undefined }
    : { newestSeenAt: known.firstSeen?.(newest), newestPublishedAt: known.published?.(newest) }
}
