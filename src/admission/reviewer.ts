import type { AdmissionResponse } from '../api/index.ts'
import {
  rememberChoices,
  type AccessSource,
  type Choose,
  type DigestCatalog,
  type Evaluation,
  type EvaluationPorts,
  type Patience,
  type TagCatalog,
} from '../evaluation/index.ts'
import type { Policy } from '../policy/index.ts'
import { createWorkloadKinds, customKinds, shippedKinds, type WorkloadKinds } from '../workload/index.ts'
import { annotationPatch, removalPatch } from './annotation-patch.ts'
import { decide, imagesToJudge, isSpared, problemsToTell, type Decided, type JudgedDue } from './decide.ts'
import { dutiesOf } from './duties.ts'
import { contradictionsIn, earlierFactsOf } from './earlier-facts.ts'
import { factsOf, type FactsBefore } from './facts.ts'
import { following, judge, judgingFor, type Judging } from './judge-images.ts'
import { policyFor } from './policy-for.ts'
import { usualEnforcement, type EnforcementChoices } from './enforcement.ts'
import type { Decision, Endpoint, NamespaceLabels, ReviewEvent, RunningImages } from './ports.ts'
import type { AdmissionRequest } from './review.ts'
import type { JudgedImage } from './say.ts'
import { unjudgedAnswer, whyUnjudged } from './unjudged.ts'
import { weighed } from './weigh.ts'
import { usualWarnings, worthWarningBy, type WarningChoices } from './worth-warning.ts'

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
  readonly patience: Patience
  readonly namespaces: NamespaceLabels
  /** What workloads may know of registries by their pull secrets; without it none of them is used. */
  readonly access?: AccessSource
  /** How the tags of a repository are read; by the built-in rules where missing. */
  readonly schemes?: NonNullable<EvaluationPorts['schemes']>
  /** By which tags are proven to exist; where missing, the lists of tags are believed. */
  readonly digests?: DigestCatalog
  /** Which kinds are workloads; those of Kubernetes and the well-known custom ones where missing. */
  readonly kinds?: WorkloadKinds
  /** By which a copy of what runs already is told from what is new; where missing, there are no copies. */
  readonly running?: RunningImages
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
  readonly settings: ReviewerSettings
}

/** The answer to one review, and what to log and to count of it. */
export interface Reviewed {
  readonly response: AdmissionResponse
  readonly event: ReviewEvent
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
  const parts = { ...options, kinds, choose: rememberChoices() }
  return {
    validate: (request, budget) => validate(request, budget, parts),
    mutate: (request, budget) => mutate(request, budget, parts),
  }
}

interface ReviewerParts extends ReviewerOptions {
  readonly choose: Choose
  readonly kinds: WorkloadKinds
}

function validate(
  request: AdmissionRequest,
  budget: number,
  options: ReviewerParts,
): Reviewed | Promise<Reviewed> {
  const duties = dutiesOf(request, options.kinds, options.settings.controllers)
  const { enforcement = usualEnforcement, warnings = usualWarnings } = options.settings
  if (duties === undefined) return skipped('validate', request)
  if (!duties.applied && !duties.images.some(image => image.refusable || image.spared))
    return skipped('validate', request)
  return following(policyFor(request, duties.hasty ? 0 : budget, options), ({ policy, left }) => {
    const images = imagesToJudge(duties, policy)
    const problems = problemsToTell(duties, policy)
    if (policy.mode === 'off' || images.length + problems.length === 0) return skipped('validate', request)
    const why = whyUnjudged(duties, images)
    if (why !== undefined) {
      const response = unjudgedAnswer(request, images, { mode: policy.mode, why })
      return { response, event: eventOf('validate', request, { decision: 'unjudged', judged: [] }) }
    }
    const isWorthWarning = worthWarningBy(warnings)
    const decided = { request, policy, problems, alone: duties.images.length === 1, isWorthWarning }
    const asked = { request, strategy: policy.strategy, budget: left }
    return following(judgingFor(asked, options), judging =>
      following(judge(images, judging, options), judged =>
        following(
          weighed(judged, { judging, policy, choices: enforcement }, options),
          ({ isKeepable, ...outcome }) => reviewed(outcome.images, { ...decided, isKeepable }),
        ),
      ),
    )
  })
}

function reviewed(judged: readonly JudgedDue[], decided: Decided): Reviewed {
  const { request, policy } = decided
  const response = decide(judged, decided)
  const decision = decisionOf(
    response,
    judged.some(image => isSpared(image, policy)),
  )
  return { response, event: eventOf('validate', request, { decision, judged }) }
}

function decisionOf(response: AdmissionResponse, spared: boolean): Decision {
  if (!response.allowed) return 'denied'
  return spared ? 'spared' : response.warnings === undefined ? 'allowed' : 'warned'
}

function mutate(
  request: AdmissionRequest,
  budget: number,
  options: ReviewerParts,
): Reviewed | Promise<Reviewed> {
  const duties = dutiesOf(request, options.kinds, options.settings.controllers)
  if (!duties?.annotatable || duties.unread || duties.images.length === 0) return skipped('mutate', request)
  const within = duties.hasty ? 0 : budget
  return following(policyFor(request, within, options), ({ policy, left }) => {
    if (policy.mode === 'off') return cleared(request)
    const asked = { request, strategy: policy.strategy, budget: left }
    return following(judgingFor(asked, options), judging =>
      following(judge(duties.images, judging, options), judged =>
        following(factsBefore(judged, judging, options), before => {
          const facts = factsOf(judged, before)
          return annotated(request, judged, facts && annotationPatch(request.object, facts))
        }),
      ),
    )
  })
}

/** What the object says already; a list of tags that lacks what was newest then does not undo what was said by a newer one. */
function factsBefore(
  judged: readonly JudgedImage[],
  judging: Judging,
  options: ReviewerParts,
): FactsBefore | undefined | Promise<FactsBefore | undefined> {
  const earlier = earlierFactsOf(judging.request)
  if (earlier === undefined) return undefined
  const contradictions = contradictionsIn(earlier, judged)
  const tags = judged.flatMap(({ image, evaluation: { reference } }) => {
    const newest = contradictions.get(image)
    if (newest === undefined || reference === undefined) return []
    const { registry, repository } = reference
    return [{ container: image, field: 'container' as const, image: `${registry}/${repository}:${newest}` }]
  })
  return following(judge(tags, judging, options), checked => {
    const unlisted = checked.filter(({ evaluation }) => evaluation.reason === 'unlisted')
    return { earlier, contested: new Set(unlisted.map(({ container }) => container)) }
  })
}

/** Where the mode is off nothing is looked at, and what was said before would be wrong one day. */
function cleared(request: AdmissionRequest): Reviewed {
  const patch = removalPatch(request.object)
  return patch === undefined ? skipped('mutate', request) : annotated(request, [], patch)
}

function annotated(
  request: AdmissionRequest,
  judged: readonly JudgedImage[],
  patch: string | undefined,
): Reviewed {
  const decision = patch === undefined ? 'allowed' : 'patched'
  return {
    response: { ...allowed(request), ...(patch !== undefined && { patchType: 'JSONPatch', patch }) },
    event: eventOf('mutate', request, { decision, judged }),
  }
}

function allowed({ uid }: AdmissionRequest): AdmissionResponse {
  return { uid, allowed: true }
}

function skipped(endpoint: Endpoint, request: AdmissionRequest): Reviewed {
  return {
    response: allowed(request),
    event: eventOf(endpoint, request, { decision: 'skipped', judged: [] }),
  }
}

function eventOf(
  endpoint: Endpoint,
  { uid, operation, kind, namespace, name, user }: AdmissionRequest,
  { decision, judged }: { readonly decision: Decision; readonly judged: readonly JudgedImage[] },
): ReviewEvent {
  const evaluations = new Set<Evaluation>(judged.map(({ evaluation }) => evaluation))
  const about = { uid, operation, kind, namespace, name, user: user.name }
  return { endpoint, ...about, decision, evaluations: [...evaluations] }
}
