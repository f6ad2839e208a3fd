import {
  rememberChoices,
  type AccessSource,
  type Choose,
  type DigestCatalog,
  type EvaluationPorts,
  type TimeLimit,
  type TagCatalog,
} from '../evaluation/index.ts'
import {
  bookOf,
  datedFinding,
  noPolicies,
  outcomeOf,
  type Policy,
  type PolicyBook,
  type PolicySource,
} from '../policy/index.ts'
import { createWorkloadKinds, customKinds, shippedKinds, type WorkloadKinds } from '../workload/index.ts'
import { annotationPatch, removalPatch } from './annotations/annotation-patch.ts'
import {
  annotationsFor,
  contradictionsIn,
  earlierFactsOf,
  type FactsBefore,
} from './annotations/annotations.ts'
import {
  imagesToJudge,
  problemsToTell,
  usualWarnings,
  type JudgedScopedImage,
  whyUnjudged,
  worthWarningBy,
  type WarningChoices,
} from './decision/decide.ts'
import { reviewCluster } from './policies/cluster-review.ts'
import { createEvidence, type Evidence } from './decision/evidence.ts'
import type { JudgedImage } from './messages/messages.ts'
import type { NamespaceLabels, RunningImages, WorkloadLister } from './review/ports.ts'
import type { ObjectRules } from './rules/object-rules.ts'
import { scopeOf, type ReviewScope, type ScopedImage } from './review/review-scope.ts'
import type { AdmissionRequest } from './review/review.ts'
import { annotated, reviewed, skipped, unjudged, type Reviewed } from './decision/reviewed.ts'
import { usualEnforcement, weighed, type EnforcementChoices } from './decision/weigh.ts'

/** What the configuration says about reviews. */
export interface ReviewerSettings {
  readonly defaults: Policy
  /** Nothing in it is refused: Patchline must be able to start. */
  readonly ownNamespace: string
  /** User names that count as controllers besides the service accounts of kube-system. */
  readonly controllers: readonly string[]
  /** {@link usualEnforcement} where missing. */
  readonly enforcement?: EnforcementChoices
  /** {@link usualWarnings} where missing. */
  readonly warnings?: WarningChoices
}

/** What reviews are answered with. */
export interface ReviewerOptions {
  readonly catalog: TagCatalog
  readonly timeLimit: TimeLimit
  readonly namespaces: NamespaceLabels
  /** What workloads may know of registries by their pull secrets; without it none of them is used. */
  readonly access?: AccessSource
  /** How the tags of a repository are read; by the built-in rules where missing. */
  readonly schemes?: NonNullable<EvaluationPorts['schemes']>
  /** By what release channels are judged; needed only where a policy has one. */
  readonly channelRules?: NonNullable<EvaluationPorts['channelRules']>
  /** By which tags are proven to exist; where missing, the lists of tags are believed. */
  readonly digests?: DigestCatalog
  /** Which kinds are workloads; those of Kubernetes and the well-known custom ones where missing. */
  readonly kinds?: WorkloadKinds
  /** By which a copy of what runs already is told from what is new; where missing, there are no copies. */
  readonly running?: RunningImages
  /** By which is counted what a policy or a label would refuse; where missing, nothing is. */
  readonly workloads?: WorkloadLister
  /** The policies and exceptions of the cluster; where missing, there are none. */
  readonly policies?: PolicySource
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
  readonly settings: ReviewerSettings
}

/**
 * Answers reviews, at once where memory knows all they need; `budget` is what namespace labels, pull secrets and first
 * look-ups may take together, in milliseconds.
 */
export interface Reviewer {
  /** Allows or refuses, with warnings; never a patch. */
  validate(request: AdmissionRequest, budget: number): Reviewed | Promise<Reviewed>
  /** Allows, with a patch of the object's own annotations where they are due. */
  mutate(request: AdmissionRequest, budget: number): Reviewed | Promise<Reviewed>
}

/** The reviewer. What a review contains never makes it throw or reject; a fault of its own does. */
export function createReviewer(options: ReviewerOptions): Reviewer {
  const kinds = options.kinds ?? createWorkloadKinds(customKinds(shippedKinds))
  const policies = options.policies ?? noPolicies
  const book = (): PolicyBook => bookOf(options.settings, policies)
  const wallClock = (): number => policies.now()
  const parts = { ...options, kinds, policies, book, wallClock, choose: rememberChoices() }
  return {
    validate: (request, budget) => validate(request, budget, parts),
    mutate: (request, budget) => mutate(request, budget, parts),
  }
}

interface ReviewerParts extends ReviewerOptions {
  readonly policies: PolicySource
  readonly book: () => PolicyBook
  readonly choose: Choose
  readonly kinds: WorkloadKinds
}

/** One request, and what it is decided by. */
interface Review {
  readonly request: AdmissionRequest
  readonly scope: ReviewScope
  readonly evidence: Evidence
  readonly parts: ReviewerParts
}

/** Decides by what memory knows, at once; where something is missing it is looked up, and decided again. */
function review(
  { request, scope, budget, parts }: Omit<Review, 'evidence'> & { readonly budget: number },
  decideBy: (asked: Review) => Reviewed | undefined,
): Reviewed | Promise<Reviewed> {
  const evidence = createEvidence(request, scope.hasty ? 0 : budget, parts)
  const asked = { request, scope, evidence, parts }
  return decideBy(asked) ?? reviewLater(asked, decideBy)
}

// Each look-up answers one of the few questions of a review: this ends.
async function reviewLater(
  asked: Review,
  decideBy: (asked: Review) => Reviewed | undefined,
): Promise<Reviewed> {
  let outcome: Reviewed | undefined
  while (outcome === undefined) {
    await asked.evidence.lookUp()
    outcome = decideBy(asked)
  }
  return outcome
}

function validate(
  request: AdmissionRequest,
  budget: number,
  parts: ReviewerParts,
): Reviewed | Promise<Reviewed> {
  const scope = scopeOf(request, parts.kinds, parts.settings.controllers)
  if (scope === undefined) return reviewCluster(request, budget, parts) ?? skipped('validate', request)
  if (!scope.applied && !scope.images.some(image => image.refusable || image.spared))
    return skipped('validate', request)
  return review({ request, scope, budget, parts }, validated)
}

function validated({ request, scope, evidence, parts }: Review): Reviewed | undefined {
  const { settings, kinds } = parts
  const { enforcement: choices = usualEnforcement, warnings = usualWarnings } = settings
  const rules = evidence.rules()
  if (rules === undefined) return undefined
  const images = imagesToJudge(scope, rules)
  const problems = problemsToTell(scope, rules)
  if (images.length + problems.length === 0) return skipped('validate', request)
  const why = whyUnjudged(scope, images)
  if (why !== undefined) return unjudged(request, images, { mode: rules.strictest(), why })
  const judged = evidence.judge({ purpose: 'verdict', images })
  const decided = judged?.map(image => withOutcome(image, rules, parts))
  const outcome = decided && weighed(decided, { request, choices, kinds, evidence })
  if (outcome === undefined) return undefined
  const alone = scope.images.length === 1
  const { isKeepable } = outcome
  const isWorthWarning = worthWarningBy(warnings)
  return reviewed(outcome.images, { request, problems, alone, isWorthWarning, isKeepable })
}

function withOutcome(
  image: ScopedImage & JudgedImage,
  rules: ObjectRules,
  { policies }: ReviewerParts,
): JudgedScopedImage {
  const own = rules.of(image)
  const context = { subject: rules.subject, now: policies.now() }
  return {
    ...image,
    rules: own,
    outcome: outcomeOf(own, datedFinding(image.evaluation, own, policies), context),
  }
}

function mutate(
  request: AdmissionRequest,
  budget: number,
  parts: ReviewerParts,
): Reviewed | Promise<Reviewed> {
  const scope = scopeOf(request, parts.kinds, parts.settings.controllers)
  if (!scope?.annotatable || scope.unread || scope.images.length === 0) return skipped('mutate', request)
  return review({ request, scope, budget, parts }, mutated)
}

function mutated({ request, scope, evidence }: Review): Reviewed | undefined {
  const rules = evidence.rules()
  if (rules === undefined) return undefined
  const images = scope.images.filter(image => rules.of(image).mode !== 'off')
  if (images.length === 0) return cleared(request)
  const judged = evidence.judge({ purpose: 'verdict', images })
  const before = judged && factsBefore(judged, { request, evidence })
  if (judged === undefined || before === undefined) return undefined
  const facts = annotationsFor(judged, before)
  return annotated(request, judged, facts && annotationPatch(request.object, facts))
}

interface Asked {
  readonly request: AdmissionRequest
  readonly evidence: Evidence
}

const nothingBefore: FactsBefore = { earlier: undefined, contested: new Set() }

/** What the object says already; a list of tags that lacks what was newest then does not undo what was said by a newer one. */
function factsBefore(judged: readonly JudgedImage[], { request, evidence }: Asked): FactsBefore | undefined {
  const earlier = earlierFactsOf(request)
  if (earlier === undefined) return nothingBefore
  const contradictions = contradictionsIn(earlier, judged)
  const images = judged.flatMap(({ image, evaluation: { reference } }) => {
    const newest = contradictions.get(image)
    if (newest === undefined || reference === undefined) return []
    const { registry, repository } = reference
    return [{ container: image, field: 'container' as const, image: `${registry}/${repository}:${newest}` }]
  })
  const checked = evidence.judge({ purpose: 'earlier', images })
  const unlisted = checked?.filter(({ evaluation }) => evaluation.reason === 'unlisted')
  return unlisted && { earlier, contested: new Set(unlisted.map(({ container }) => container)) }
}

/** Where the mode is off nothing is looked at, and what was said before would be wrong one day. */
function cleared(request: AdmissionRequest): Reviewed {
  const patch = removalPatch(request.object)
  return patch === undefined ? skipped('mutate', request) : annotated(request, [], patch)
}
