import { shorten } from '../../text/index.ts'
import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { type Resource } from '../../workload/index.ts'

/** What the API server asks, as far as it is used (k8s.io/api admission/v1 AdmissionRequest). */
export interface AdmissionRequest {
  readonly uid: string
  /** CREATE, UPDATE, DELETE or CONNECT; whatever else stands there is nothing to judge. */
  readonly operation: string
  readonly kind: string
  /** As the webhook's rule names it: `matchPolicy: Equivalent` has the API server convert the object to it. */
  readonly resource: Resource
  readonly namespace: string
  /** '' where the API server has yet to make one up. */
  readonly name: string
  readonly user: { readonly name: string; readonly groups: readonly string[] }
  readonly object: unknown
  readonly oldObject: unknown
  /** Whether nothing will come of it: `kubectl --dry-run=server`. */
  readonly isDryRun: boolean
  /** False where objects were too large to be read: they lack parts. */
  readonly isWhole: boolean
}

export type InvalidReviewCode =
  | 'not-an-object' // the body is JSON, but no object
  | 'wrong-api-version' // not admission.k8s.io/v1
  | 'wrong-kind' // not an AdmissionReview
  | 'no-request' // there is no request in it
  | 'no-uid' // the request has no uid to answer with

/** The body is no AdmissionReview that can be answered: without a uid there is no answer that the API server takes. */
export class InvalidReviewError extends Error {
  override readonly name = 'InvalidReviewError'
  readonly code: InvalidReviewCode

  constructor(code: InvalidReviewCode, message: string) {
    super(message)
    this.code = code
  }
}

const apiVersion = 'admission.k8s.io/v1'
const longestShown = 61 // an error must stay readable whatever the body is

/**
 * The request of an AdmissionReview, from decoded JSON. What can be answered without is '' or empty where it is missing.
 * @throws InvalidReviewError where it is no `admission.k8s.io/v1` review with a request and a uid; never anything else.
 */
export function readReview(body: unknown, isWhole = true): AdmissionRequest {
  if (!isJsonObject(body)) throw new InvalidReviewError('not-an-object', 'the body is not a JSON object')
  const version = member(body, 'apiVersion')
  if (version !== apiVersion)
    throw new InvalidReviewError('wrong-api-version', `apiVersion is ${shown(version)}, not "${apiVersion}"`)
  const kind = member(body, 'kind')
  if (kind !== 'AdmissionReview')
    throw new InvalidReviewError('wrong-kind', `kind is ${shown(kind)}, not "AdmissionReview"`)
  const request = member(body, 'request')
  if (!isJsonObject(request)) throw new InvalidReviewError('no-request', 'the review has no request')
  const uid = textOf(member(request, 'uid'))
  if (uid === '') throw new InvalidReviewError('no-uid', 'the request has no uid')
  return {
    uid,
    operation: textOf(member(request, 'operation')),
    kind: textOf(at(request, ['kind', 'kind'])),
    resource: resourceOf(request),
    namespace: textOf(member(request, 'namespace')),
    name: textOf(member(request, 'name')),
    user: userOf(member(request, 'userInfo')),
    object: member(request, 'object'),
    oldObject: member(request, 'oldObject'),
    isDryRun: member(request, 'dryRun') === true,
    isWhole,
  }
}

function resourceOf(request: unknown): Resource {
  return {
    group: textOf(at(request, ['resource', 'group'])),
    resource: textOf(at(request, ['resource', 'resource'])),
    subresource: textOf(member(request, 'subResource')),
  }
}

function userOf(userInfo: unknown): AdmissionRequest['user'] {
  return {
    name: textOf(member(userInfo, 'username')),
    groups: itemsOf(member(userInfo, 'groups')).filter(group => typeof group === 'string'),
  }
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? 'missing' : 'no text'
  return JSON.stringify(shorten(value, longestShown))
}
