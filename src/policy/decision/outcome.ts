import { shortLine } from '../../text/index.ts'
import { isNewerTag } from '../../version/index.ts'
import { selects } from '../match/selector.ts'
import type { Subject } from '../match/subject.ts'
import type { PatchException } from '../object/patch-exception.ts'
import type { PatchPolicy } from '../object/patch-policy.ts'
import type { Reference } from '../../image/index.ts'
import type { ImageRules, PolicySource } from './image-rules.ts'

/** What was found out about an image, as far as a decision depends on it. Instants are epoch milliseconds. */
export interface Finding {
  readonly verdict: 'outdated' | 'current' | 'floating' | 'unversioned' | 'unknown'
  readonly reason: string
  /** The tag to go to, of an outdated image. */
  readonly newest: string | undefined
  /** When the first newer tag was seen; undefined where that is not known. */
  readonly firstSeenNewer: number | undefined
  /** The tags are too old to refuse an image by. */
  readonly stale: boolean
  /** Whether the newest tag runs where the image does is not known. */
  readonly unproven: boolean
}

/** What is done about an image. */
export type Action = 'nothing' | 'warn' | 'refuse'

/** Why less is done than the mode says. */
export type Leniency =
  | 'stale' // the tags are too old
  | 'unproven' // whether the newest tag runs there is not known
  | 'exception' // an exception names the image
  | 'break-glass' // an annotation says that its object must not be refused now
  | 'grace' // the newer tag is not known for long enough

/** A finding with the time from which grace counts: that of the process or of the cluster, whichever is earlier. */
export function datedFinding<Found extends Finding & { readonly reference: Reference | undefined }>(
  finding: Found,
  { grace, strategy }: Pick<ImageRules, 'grace' | 'strategy'>,
  source: Pick<PolicySource, 'behindSince'>,
): Found {
  if (grace === 0 || finding.reference === undefined) return finding
  const remembered = source.behindSince?.(finding.reference, strategy)
  if (remembered === undefined) return finding
  return { ...finding, firstSeenNewer: Math.min(remembered, finding.firstSeenNewer ?? remembered) }
}

/** What is done about an image, and why not more. */
export interface Outcome {
  readonly action: Action
  /** What would be done without `because`. */
  readonly otherwise: Action
  readonly because: Leniency | undefined
  /** When that ends, in epoch milliseconds; undefined where no time is set. */
  readonly until: number | undefined
  readonly exception: PatchException | undefined
}

/** The state of an exception at an instant. */
export type ExceptionState =
  | 'active'
  | 'not-allowed' // the policy that decides lets none be made there
  | 'ended' // its time is over
  | 'overtaken' // a newer tag exists than the newest that it excuses

/** By what an outcome is decided, besides the rules and the finding. */
export interface DecisionContext {
  readonly subject: Subject
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * What is done about an image. Webhook, audit and commands all decide by this: what ends here ends for all of them in the same
 * instant.
 */
export function outcomeOf(rules: ImageRules, finding: Finding, context: DecisionContext): Outcome {
  const wanted = actionFor(rules, finding)
  if (wanted === 'nothing') return { ...plain, action: wanted, otherwise: wanted }
  const excused = excusedBy(rules, finding, context)
  if (excused !== undefined)
    return {
      action: 'nothing',
      otherwise: wanted,
      because: 'exception',
      until: endOf(excused, rules.policy),
      exception: excused,
    }
  if (wanted === 'warn') return { ...plain, action: wanted, otherwise: wanted }
  return { ...plain, otherwise: wanted, ...softened(rules, finding, context) }
}

const plain = { because: undefined, until: undefined, exception: undefined } as const

/** What the rules want, before anything makes it less. */
function actionFor({ mode, policy }: ImageRules, { verdict, reason }: Finding): Action {
  if (mode === 'off' || mode === 'audit' || verdict === 'current') return 'nothing'
  const wanted = verdict === 'outdated' ? 'refuse' : othersOf(policy)[verdict]
  if (wanted === undefined || wanted === 'ignore') return 'nothing'
  const mayRefuse = mode === 'enforce' && wanted === 'refuse' && isOfImage(verdict, reason)
  return mayRefuse ? 'refuse' : 'warn'
}

function othersOf(policy: PatchPolicy | undefined): PatchPolicy['others'] {
  return policy === undefined ? {} : policy.others
}

// What is the matter with the image itself. A registry that does not answer, or has not yet, refuses nothing.
const ofImage: ReadonlySet<string> = new Set(['not-found', 'no-tags', 'not-allowed', 'invalid-reference'])

function isOfImage(verdict: Finding['verdict'], reason: string): boolean {
  return verdict !== 'unknown' || ofImage.has(reason)
}

/** What becomes of a refusal: data that may be wrong, grace and an emergency make it a warning. */
function softened(
  { grace, breakGlass }: ImageRules,
  { verdict, stale, unproven, firstSeenNewer }: Finding,
  { now }: DecisionContext,
): Pick<Outcome, 'action'> & Partial<Outcome> {
  if (stale) return { action: 'warn', because: 'stale' }
  if (unproven) return { action: 'warn', because: 'unproven' }
  // Where it is not known since when the image is behind, as after a loss of what was remembered, the time begins anew.
  const until = grace > 0 && verdict === 'outdated' ? (firstSeenNewer ?? now) + grace : now
  if (now < until) return { action: 'warn', because: 'grace', until }
  // Last: an emergency is counted and told, so it is one only where nothing else lets the image through.
  return breakGlass === undefined ? { action: 'refuse' } : { action: 'warn', because: 'break-glass' }
}

/** That only an annotation keeps an image from being refused. */
export interface Emergency {
  /** The name of the policy that would refuse it. */
  readonly policy: string
  /** What the annotation says, as one short line. */
  readonly reason: string
  /** The channel that the policy wants told; undefined where it names none. */
  readonly channel: string | undefined
}

// An annotation may have 256 KiB, and this goes into logs, reports, and messages with some 3,000 characters.
const longestReason = 200

/** The emergency of which an outcome comes; undefined where it comes of none. */
export function emergencyOf(
  { policy, breakGlass }: Pick<ImageRules, 'policy' | 'breakGlass'>,
  { because }: Pick<Outcome, 'because'>,
): Emergency | undefined {
  if (because !== 'break-glass' || policy === undefined || breakGlass === undefined) return undefined
  const { name, breakGlass: said } = policy
  return { policy: name, reason: shortLine(breakGlass, longestReason), channel: said?.channel }
}

/** The active exception that lasts longest. */
function excusedBy(
  rules: ImageRules,
  finding: Finding,
  context: DecisionContext,
): PatchException | undefined {
  let longest: PatchException | undefined
  for (const exception of rules.exceptions)
    if (
      exceptionState(exception, rules, { ...context, newest: finding.newest }) === 'active' &&
      endOf(exception, rules.policy) > (longest === undefined ? 0 : endOf(longest, rules.policy))
    )
      longest = exception
  return longest
}

/** The state of an exception that names an image, under the rules for the image. */
export function exceptionState(
  exception: PatchException,
  { policy }: Pick<ImageRules, 'policy'>,
  { subject, now, newest }: DecisionContext & { readonly newest: string | undefined },
): ExceptionState {
  const allowed = policy?.exceptions
  const { namespaceLabels } = subject
  // Where the labels cannot be had, the exception counts: nothing is refused for that.
  if (
    allowed === undefined ||
    (namespaceLabels !== undefined && !selects(allowed.namespaces, namespaceLabels))
  )
    return 'not-allowed'
  if (now >= endOf(exception, policy)) return 'ended'
  const { upTo } = exception
  if (upTo === undefined || newest === undefined || newest === upTo) return 'active'
  return isNewerTag(upTo, newest) ? 'active' : 'overtaken'
}

/** When an exception ends: when its author says, and no later than the policy lets it. */
export function endOf({ until, createdAt }: PatchException, policy: PatchPolicy | undefined): number {
  const longest = policy?.exceptions?.longest
  return longest === undefined ? until : Math.min(until, createdAt + longest)
}
