import type { AdmissionResponse } from '../api/index.ts'
import {
  evaluateImages,
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
import {
  createWorkloadKinds,
  customKinds,
  shippedKinds,
  type ContainerImage,
  type WorkloadKinds,
} from '../workload/index.ts'
import { accessFor, type AccessFor } from './access-for.ts'
import { annotationPatch } from './annotation-patch.ts'
import { decide, imagesToJudge, isSpared, problemsToTell } from './decide.ts'
import { dutiesOf } from './duties.ts'
import { factsOf, knowsMore } from './facts.ts'
import { policyFor } from './policy-for.ts'
import type { Decision, Endpoint, NamespaceLabels, ReviewEvent } from './ports.ts'
import type { AdmissionRequest } from './review.ts'
import type { JudgedImage } from './say.ts'
import { unjudgedAnswer, whyUnjudged } from './unjudged.ts'

/** What the configuration says about reviews. */
export interface ReviewerSettings {
  readonly defaults: Policy
  /** Nothing in it is refused: Patchline must be able to start. */
  readonly ownNamespace: string
  /** User names that count as controllers besides the service accounts of kube-system. */
  readonly controllers: readonly string[]
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
    return following(judge(images, { request, strategy: policy.strategy, budget: left }, options), judged => {
      const response = decide(judged, { request, alone: duties.images.length === 1, policy, problems })
      const spared = judged.some(image => isSpared(image, policy))
      const decision = decisionOf(response, spared)
      return { response, event: eventOf('validate', request, { decision, judged }) }
    })
  })
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
  return following(policyFor(request, within, options), ({ policy, left, annotations }) => {
    if (policy.mode === 'off') return skipped('mutate', request)
    return following(
      judge(duties.images, { request, strategy: policy.strategy, budget: left }, options),
      judged => {
        const facts = knowsMore(annotations, judged) ? undefined : factsOf(judged)
        return annotated(request, judged, facts && annotationPatch(request.object, facts))
      },
    )
  })
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

/** The next step, at once after a value: each `await` of something that is already there costs a turn of the queue. */
function following<T, U>(value: T | Promise<T>, step: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(step) : step(value)
}

interface Judging {
  readonly request: AdmissionRequest
  readonly strategy: Policy['strategy']
  readonly budget: number
}

function judge<Image extends ContainerImage>(
  images: readonly Image[],
  { request, strategy, budget }: Judging,
  ports: ReviewerParts,
): readonly (Image & JudgedImage)[] | Promise<readonly (Image & JudgedImage)[]> {
  if (images.length === 0) return []
  const texts = images.map(({ image }) => image)
  return following(accessFor(request, budget, ports), own => {
    const { access, left } = own
    const { namespace } = request
    const wanted = {
      images: texts,
      strategy,
      budget: left,
      namespace,
      ...(access !== undefined && { access }),
    }
    return following(evaluateImages(wanted, ports), evaluations =>
      images.flatMap(image => {
        const evaluation = evaluations.get(image.image)
        return evaluation === undefined ? [] : [{ ...image, evaluation: withoutHaste(evaluation, own) }]
      }),
    )
  })
}

// Whether a registry refuses us is known only once it was asked with all that the workload has.
function withoutHaste(evaluation: Evaluation, { late }: AccessFor): Evaluation {
  const { reason } = evaluation
  if (!late || (reason !== 'unauthorized' && reason !== 'not-found')) return evaluation
  return { ...evaluation, reason: 'not-checked-yet', detail: 'its pull secrets are read in the background' }
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
