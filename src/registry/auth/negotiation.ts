import { createMutex } from '../../async/index.ts'
import type { PullCredentials } from '../../evaluation/index.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Send } from '../transport/send.ts'
import { answerableChallenge, type Authorizer } from './authorizer.ts'
import { sameChallenge, type Challenge } from './challenge.ts'
import {
  createCredentialAttempts,
  type AttemptSubject,
  type CredentialAttempt,
  type CredentialAttempts,
} from './credential-attempts.ts'
import { isRefusal, refusalError, refusalOf } from './status.ts'

/** The authorization of one session: finds the identity that may read the repository, and keeps it. */
export interface Negotiation {
  /** The credentials for the next request; undefined: none. */
  attempt(signal: AbortSignal): Promise<CredentialAttempt | undefined>
  /**
   * The attempt with which to repeat a request that was refused with 401 or 403.
   * @throws RegistryError if no attempt is left.
   */
  afterRefusal(refused: RefusedRequest, signal: AbortSignal): Promise<CredentialAttempt | undefined>
  /** Notes that the registry accepted an attempt. */
  succeeded(attempt: CredentialAttempt | undefined, response: RegistryResponse): void
  /** The credentials of the query that the registry accepted; undefined: others or none. */
  accepted(): PullCredentials | undefined
}

/** A request as it was sent, and what the registry said to it. */
export interface RefusedRequest {
  readonly attempt: CredentialAttempt | undefined
  readonly response: RegistryResponse
}

interface State {
  /** The challenge in use was made for another repository of the registry. */
  readonly isExpected: boolean
  /** An expected challenge that no identity could answer. */
  readonly failedChallenge: Challenge | undefined
  readonly tries: CredentialAttempts
  /** Its challenge, the first of the session, stands: nvcr.io names another realm, of no use, once a token has expired. */
  readonly attempt: CredentialAttempt | undefined
  /** The registry accepted just this attempt. */
  readonly isUsed: boolean
  /** The registry accepted the attempt's identity: the session keeps it. */
  readonly isAccepted: boolean
}

/** Creates the negotiation of a session. */
export function createNegotiation(subject: AttemptSubject, authorizer: Authorizer): Negotiation {
  const { challenges } = authorizer
  const exclusive = createMutex() // requests of a session run concurrently, but one at a time may change its state
  let state = fresh(subject, authorizer)
  let isBegun = false
  let refusal: RegistryError | undefined
  return {
    attempt: signal =>
      exclusive(async () => {
        if (!isBegun) state = await begin(state, { subject, authorizer }, signal)
        isBegun = true
        return state.attempt
      }),
    afterRefusal: (refused, signal) =>
      exclusive(async () => {
        // Another request of this session may already have moved on to the next identity, or found that none is left.
        if (state.attempt !== refused.attempt) return state.attempt
        if (refusal !== undefined) throw refusal
        try {
          state = await proceed(state, { ...refused, subject, authorizer }, signal)
        } catch (error) {
          if (error instanceof RegistryError && error.code === 'unauthorized') refusal = error
          throw error
        }
        return state.attempt
      }),
    succeeded(attempt, response) {
      if (attempt === undefined && response.status < 400) challenges.mixed(subject.registry)
      if (attempt !== undefined && state.attempt === attempt)
        state = { ...state, isUsed: true, isAccepted: true }
    },
    accepted: () => (state.isAccepted ? state.attempt?.identity.given : undefined),
  }
}

/** Wraps a send so that requests to one origin carry what a negotiation found, and a refusal leads to another attempt. */
export function withAuthorization(
  send: Send,
  { origin, negotiation }: { readonly origin: string; readonly negotiation: Negotiation },
): Send {
  return async (request, signal) => {
    // Only the registry's own origin ever sees an Authorization header.
    if (request.url.origin !== origin)
      return send({ ...request, foreign: true, authorization: undefined }, signal)
    for (let attempt = await negotiation.attempt(signal); ;) {
      const account = attempt?.identity.account ?? ''
      const response = await send({ ...request, account, authorization: attempt?.value }, signal)
      if (!isRefusal(response)) {
        negotiation.succeeded(attempt, response)
        return response
      }
      attempt = await negotiation.afterRefusal({ attempt, response }, signal)
    }
  }
}

interface Context {
  readonly subject: AttemptSubject
  readonly authorizer: Authorizer
}

async function begin(start: State, { subject, authorizer }: Context, signal: AbortSignal): Promise<State> {
  const challenge = authorizer.challenges.expected(subject.registry)
  if (challenge === undefined) return start
  try {
    const attempt = await start.tries.next(challenge, signal)
    return attempt === undefined ? withoutIdentity(start, challenge) : { ...start, attempt, isExpected: true }
  } catch (error) {
    if (!(error instanceof RegistryError) || !uselessCodes.has(error.code)) throw error
    authorizer.challenges.forget(subject.registry)
    return fresh(subject, authorizer)
  }
}

// The errors of an address that is no token server, or no longer one.
const uselessCodes: ReadonlySet<string> = new Set(['unauthorized', 'invalid-answer'])

type Step = RefusedRequest & Context

function proceed(state: State, step: Step, signal: AbortSignal): Promise<State> {
  const { attempt } = state
  return attempt === undefined
    ? answerChallenge(state, step, signal)
    : renewOrNext({ ...state, attempt }, step.response, signal)
}

async function answerChallenge(
  state: State,
  { response, subject, authorizer }: Step,
  signal: AbortSignal,
): Promise<State> {
  const reason = refusalOf(response)
  if (response.status === 403) throw refusalError({ ...state.tries.refusals(), reason, byTokenServer: false })
  const challenge = answerableChallenge(response)
  if (state.failedChallenge !== undefined && sameChallenge(state.failedChallenge, challenge))
    throw refusalError(state.tries.refusals())
  if (state.failedChallenge === undefined) authorizer.challenges.challenged(subject.registry, challenge)
  else authorizer.challenges.mixed(subject.registry)
  const tries = createCredentialAttempts(subject, authorizer)
  const attempt = await tries.next(challenge, signal)
  if (attempt === undefined) throw refusalError(tries.refusals())
  return { ...fresh(subject, authorizer), tries, attempt }
}

async function renewOrNext(
  state: State & { readonly attempt: CredentialAttempt },
  response: RegistryResponse,
  signal: AbortSignal,
): Promise<State> {
  const { attempt, tries, isUsed, isAccepted } = state
  // A token may have expired, or have been called back. A 403 says that it is good, and for something else.
  const mayBeOld = response.status === 401 && (isUsed || !attempt.fresh)
  const renewed = mayBeOld ? await tries.renewed(attempt, signal) : undefined
  if (renewed !== undefined) return { ...state, attempt: renewed, isUsed: false }
  tries.refused(attempt, refusalOf(response))
  const next = isAccepted ? undefined : await tries.next(attempt.challenge, signal)
  if (next !== undefined) return { ...state, attempt: next }
  if (state.isExpected && !isAccepted) return withoutIdentity(state, attempt.challenge)
  throw refusalError(tries.refusals())
}

function fresh(subject: AttemptSubject, authorizer: Authorizer): State {
  const tries = createCredentialAttempts(subject, authorizer)
  const nothing = { failedChallenge: undefined, attempt: undefined }
  return { ...nothing, tries, isExpected: false, isUsed: false, isAccepted: false }
}

// Perhaps the registry asks something else for this repository, or nothing at all: the next request carries no credentials.
function withoutIdentity(state: State, failedChallenge: Challenge): State {
  return { ...state, isExpected: false, failedChallenge, attempt: undefined }
}
