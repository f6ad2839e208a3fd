import { RegistryError, shown } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryRequest } from '../transport/send.ts'

/** The outcome of a request. */
export type RequestOutcome =
  | 'ok'
  | 'unchanged' // 304
  | 'redirected'
  | 'challenged' // 401 to a request without credentials: the usual first step
  | 'unauthorized'
  | 'not-found'
  | 'rate-limited'
  | 'server-error' // 5xx
  | 'unreachable' // no connection, or it broke
  | 'timeout'
  | 'invalid' // another status, or not what HTTP or a limit lets pass
  | 'not-allowed' // connections to its address are not allowed
  | 'stopped' // its caller gave up
  | 'error' // a mistake in this program

export type Failed = 'host' | 'repository'

/** One attempt at a request: its response, or the error. */
export interface Attempt {
  readonly outcome: RequestOutcome
  readonly response: RegistryResponse | undefined
  readonly error: unknown
  /** What failed: the host, if it cannot be reached or is too slow, or the repository, if the response is a server error. */
  readonly failed: Failed | undefined
  /** Whether a retry may succeed. */
  readonly transient: boolean
}

// 501 and 505 say what the server cannot do, and it will not learn.
const transientStatuses = new Set([500, 502, 503, 504])
// A server that restarts, or closes an idle connection in the moment in which it is used.
const transientCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const timeoutCodes = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])
// A shared registry answers 502 for one broken project and serves all others: only a host that cannot be reached is down.
const blamedFor: ReadonlyMap<RequestOutcome, Failed> = new Map([
  ['server-error', 'repository'],
  ['unreachable', 'host'],
  ['timeout', 'host'],
])

/** Waits for a request and classifies its outcome; never rejects. */
export function attemptOf(
  sending: Promise<RegistryResponse>,
  { authorization }: RegistryRequest,
  signal: AbortSignal,
): Promise<Attempt> {
  return sending.then(
    response => attemptOfResponse(response, authorization !== undefined),
    (error: unknown) => attemptOfError(error, signal.aborted),
  )
}

/** The response of an attempt; throws the error where there is none. */
export function resultOf({ response, error }: Attempt): RegistryResponse {
  if (response === undefined) throw error
  return response
}

function attemptOfResponse(response: RegistryResponse, isAuthorized: boolean): Attempt {
  const outcome = outcomeOf(response.status, isAuthorized)
  const transient = transientStatuses.has(response.status)
  return { outcome, response, error: undefined, failed: blamedFor.get(outcome), transient }
}

function attemptOfError(error: unknown, isStopped: boolean): Attempt {
  const outcome = isStopped ? 'stopped' : errorOutcome(error)
  const transient = outcome === 'unreachable' && transientCodes.has(codeOfCause(error))
  return { outcome, response: undefined, error, failed: blamedFor.get(outcome), transient }
}

const byStatus: ReadonlyMap<number, RequestOutcome> = new Map([
  [200, 'ok'],
  [304, 'unchanged'],
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'not-found'],
  [429, 'rate-limited'],
])

function outcomeOf(status: number, authorized: boolean): RequestOutcome {
  if (status === 401 && !authorized) return 'challenged'
  if (status >= 500) return 'server-error'
  return byStatus.get(status) ?? (status >= 300 && status < 400 ? 'redirected' : 'invalid')
}

function errorOutcome(error: unknown): RequestOutcome {
  if (!(error instanceof RegistryError)) return 'error'
  if (error.code === 'not-allowed') return 'not-allowed'
  if (error.code === 'rate-limited') return 'rate-limited'
  if (error.code !== 'unavailable') return 'invalid'
  if (error.retryAt !== undefined) return 'server-error' // a 503 that says when to ask again
  // Without a cause it is the deadline of the whole request.
  return error.cause === undefined || timeoutCodes.has(codeOfCause(error)) ? 'timeout' : 'unreachable'
}

function codeOfCause(error: unknown): string {
  const cause: unknown = Object(error).cause
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

/** The purpose of a request. Hosts count them separately: Docker Hub limits manifests, and tag lists are free. */
export type RequestPurpose = 'tags' | 'manifest' | 'token'

/** The claim of a request on the limits of its host. */
export interface HostClaim {
  /** The account whose budget it uses; empty for a request without credentials. */
  readonly account: string
  /** Empty if the request is not about one repository. */
  readonly repository: string
  readonly purpose: RequestPurpose
  /** The name of the host in messages: `the registry`. */
  readonly subject: string
  /** Whether it may use the reserve: an admission waits for it, or earlier requests of its look-up would be lost. */
  readonly mayUseReserve: boolean
}

/** The name of a registry itself in messages. */
export const ownSubject = 'the registry'

/** The claim of a request; `isBegun` if another request of the same look-up has its response already. */
export function hostClaimOf(request: RegistryRequest, isBegun = false): HostClaim {
  const { account = '', repository = '', registry, url, urgency = 'refresh' } = request
  const mayUseReserve = isBegun || urgency !== 'refresh'
  return { account, repository, purpose: purposeOf(url), subject: subjectOf(registry, url), mayUseReserve }
}

function subjectOf(registry: Registry, url: URL): string {
  if (url.origin === registry.origin) return ownSubject
  return url.host === registry.tokenHost ? 'its token server' : shown(url.host)
}

function purposeOf({ pathname }: URL): RequestPurpose {
  if (pathname.includes('/manifests/')) return 'manifest'
  return /token|auth|login/.test(pathname) && !/\/tags(?:\/|$)/.test(pathname) ? 'token' : 'tags'
}
