import type { AdmissionResponse } from '../../api/index.ts'
import type { Evaluation } from '../../evaluation/index.ts'
import { emergencyOf, type Mode } from '../../policy/index.ts'
import {
  decide,
  isEmergency,
  isSpared,
  unjudgedAnswer,
  type Decided,
  type JudgedScopedImage,
  type WhyUnjudged,
} from './decide.ts'
import type { JudgedImage } from '../messages/messages.ts'
import type { Decision, Endpoint, ReviewEvent } from '../review/ports.ts'
import type { ScopedImage } from '../review/review-scope.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** The answer to one review, and what to log and to count of it. */
export interface Reviewed {
  readonly response: AdmissionResponse
  readonly event: ReviewEvent
}

/** An object that was judged image by image. */
export function reviewed(judged: readonly JudgedScopedImage[], decided: Decided): Reviewed {
  const { request } = decided
  const response = decide(judged, decided)
  const decision = decisionOf(response, judged.some(isSpared))
  // Where another image is refused, nothing was let through; and nothing is by a dry run.
  const emergency = response.allowed && !request.isDryRun ? emergencyAmong(judged) : undefined
  return { response, event: { ...eventOf('validate', request, { decision, judged }), emergency } }
}

function emergencyAmong(judged: readonly JudgedScopedImage[]): ReviewEvent['emergency'] {
  const [first] = judged.filter(isEmergency)
  const emergency = first && emergencyOf(first.rules, first.outcome)
  return emergency && { policy: emergency.policy, reason: emergency.reason }
}

function decisionOf(response: AdmissionResponse, spared: boolean): Decision {
  if (!response.allowed) return 'denied'
  return spared ? 'spared' : response.warnings === undefined ? 'allowed' : 'warned'
}

/** An object that cannot be judged image by image. */
export function unjudged(
  request: AdmissionRequest,
  images: readonly ScopedImage[],
  by: { readonly mode: Mode; readonly why: WhyUnjudged },
): Reviewed {
  const response = unjudgedAnswer(request, images, by)
  return { response, event: eventOf('validate', request, { decision: 'unjudged', judged: [] }) }
}

/** An object whose annotations are right, or are by the patch. */
export function annotated(
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

/** A request about something else than a workload. */
export function answered(request: AdmissionRequest, response: AdmissionResponse): Reviewed {
  return {
    response,
    event: eventOf('validate', request, { decision: decisionOf(response, false), judged: [] }),
  }
}

/** A request with nothing to judge. */
export function skipped(endpoint: Endpoint, request: AdmissionRequest): Reviewed {
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
  return { endpoint, ...about, decision, emergency: undefined, evaluations: [...evaluations] }
}
