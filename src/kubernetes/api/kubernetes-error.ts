export type KubernetesErrorCode =
  | 'no-config' // there is no kubeconfig and no service account
  | 'invalid-input' // what the caller passed cannot be sent
  | 'unauthorized' // the API server does not take the credentials
  | 'forbidden' // a right is missing
  | 'not-found' // there is no such object, or its namespace is being deleted
  | 'conflict' // the object has changed meanwhile
  | 'gone' // the list that was read from is too old to go on
  | 'invalid' // the API server refuses the object
  | 'unavailable' // no answer, or an error of the server
  | 'timeout' // no answer in time
  | 'invalid-answer' // not what the Kubernetes API says
  | 'superseded' // another process is the leader now
  | 'closed' // given up because Patchline ends

const nextSteps: Readonly<Record<KubernetesErrorCode, string>> = {
  'no-config': 'name a kubeconfig file, set KUBECONFIG, or run in a pod with a service account token',
  'invalid-input': 'pass the PEM certificate that `patchline certs` makes',
  unauthorized: 'renew the credentials that the kubeconfig or the service account gives',
  forbidden: 'grant this right to the user or service account',
  'not-found': 'apply the manifests first: kubectl apply -k manifests',
  conflict: 'try again',
  gone: 'list again',
  invalid: 'compare the object in the cluster with the one in manifests/',
  unavailable: 'check that the API server can be reached from here',
  timeout: 'check that the API server can be reached from here',
  'invalid-answer': 'check that the address is that of a Kubernetes API server',
  superseded: 'nothing to do: the new leader goes on with it',
  closed: 'nothing to do',
}

/** Server text is quoted up to here, so that no answer can flood the log. */
const longestReason = 500

/** What was attempted, why it failed, and what to do next. Never holds a token, a key or a request body. */
export interface KubernetesFailure {
  readonly what: string
  readonly why: string
  readonly cause?: unknown
  /** What to do next, where there is more to say than the code does. */
  readonly next?: string
  /** How long the server asked to be left alone; milliseconds. */
  readonly retryAfter?: number | undefined
}

/** A request to the API server, or the configuration for it, that failed. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError'
  readonly code: KubernetesErrorCode
  readonly what: string
  readonly why: string
  readonly next: string
  /** How long the server asked to be left alone; milliseconds. */
  readonly retryAfter: number | undefined

  constructor(
    code: KubernetesErrorCode,
    { what, why, cause, next = nextSteps[code], retryAfter }: KubernetesFailure,
  ) {
    const reason = why.slice(0, longestReason)
    super(`${what}: ${reason}; ${next}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.what = what
    this.why = reason
    this.next = next
    this.retryAfter = retryAfter
  }
}

/** The error for a response with a status that is not a success, and the message of its Status object. */
export function refusedBy(status: number, { what, message, retryAfter }: RefusedRequest): KubernetesError {
  const failure = { what, why: `${status} ${message}`, retryAfter }
  if (status === 403 && terminating.test(message))
    return new KubernetesError('not-found', { ...failure, next: 'nothing to do: it goes with its namespace' })
  return new KubernetesError(codeOfStatus(status), failure)
}

interface RefusedRequest extends Pick<KubernetesFailure, 'what' | 'retryAfter'> {
  readonly message: string
}

// The admission plug-in NamespaceLifecycle, which answers 403 as if a right were missing.
const terminating = /: unable to create new content in namespace \S+ because it is being terminated$/

/** The code for an HTTP status that is not a success. */
export function codeOfStatus(status: number): KubernetesErrorCode {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not-found'
  if (status === 409) return 'conflict'
  if (status === 410) return 'gone'
  if (status === 429 || status >= 500) return 'unavailable'
  return status >= 400 ? 'invalid' : 'invalid-answer'
}

/** The longest that a server is believed; it could otherwise silence us for good. */
const longestRetryAfter = 300_000

/** The milliseconds of a `Retry-After` in seconds, as the API server gives them; undefined where there is none. */
export function retryAfterOf(seconds: unknown): number | undefined {
  const text = typeof seconds === 'number' ? String(seconds) : seconds
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) return undefined
  return Math.min(Number(text) * 1000, longestRetryAfter)
}

/** The error for a response that is not JSON. */
export function notJson(what: string): KubernetesError {
  return new KubernetesError('invalid-answer', { what, why: 'the answer is not JSON' })
}

/** The KubernetesError for what ended an exchange early. */
export function connectionError(
  what: string,
  cause: unknown,
  signal: AbortSignal | undefined,
): KubernetesError {
  if (cause instanceof KubernetesError) return cause
  if (signal?.aborted === true) {
    const reason: unknown = signal.reason
    const isTimeout = reason instanceof Error && reason.name === 'TimeoutError'
    return isTimeout
      ? new KubernetesError('timeout', { what, why: reason.message, cause })
      : new KubernetesError('closed', { what, why: 'closed', cause })
  }
  if (cause instanceof RangeError)
    return new KubernetesError('invalid-answer', { what, why: cause.message, cause })
  return new KubernetesError('unavailable', { what, cause, ...faultOf(cause) })
}

// What Node.js says of these advises to start Node.js in another way.
const unknownAuthority: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

function faultOf(cause: unknown): { readonly why: string; readonly next?: string } {
  if (!(cause instanceof Error) || !('code' in cause) || !unknownAuthority.has(cause.code))
    return { why: reasonOf(cause) }
  return {
    why: 'the certificate of the API server is signed by an unknown authority',
    next: 'give certificate-authority in the kubeconfig',
  }
}

/** What went wrong, in the words of Node.js. */
export const reasonOf = (cause: unknown): string =>
  cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
