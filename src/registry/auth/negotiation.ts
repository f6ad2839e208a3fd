import type { PullCredentials } from '../../evaluation/index.ts'
import type { Answer } from '../response/answer.ts'
import { RegistryFault } from '../response/fault.ts'
import { answerable, type Authorizer } from './authorizer.ts'
import { sameChallenge, type Challenge } from './challenge.ts'
import { refusalFault, refusalOf } from './status.ts'
import { createTries, type Attempt, type Tries, type TriesSubject } from './tries.ts'

/** Finds out as whom a registry lets a repository be read, and keeps to that. */
export interface Negotiation {
  /** How to send the next request; undefined: without showing anything. */
  attempt(signal: AbortSignal): Promise<Attempt | undefined>
  /**
   * How to send a request again that was refused with 401 or 403.
   * @throws RegistryFault where nothing is left to be tried.
   */
  afterRefusal(refused: Refused, signal: AbortSignal): Promise<Attempt | undefined>
  /** The registry answered. */
  took(attempt: Attempt | undefined, answer: Answer): void
  /** The credentials of the query that the registry took; undefined: others or none. */
  accepted(): PullCredentials | undefined
}

/** A request as it was sent, and what the registry said to it. */
export interface Refused {
  readonly attempt: Attempt | undefined
  readonly answer: Answer
}

interface State {
  /** The challenge that is answered was made for another repository of the registry, not for this one. */
  readonly isExpected: boolean
  /** One that was expected, and to which nobody gave an answer that the registry took. */
  readonly doubted: Challenge | undefined
  readonly tries: Tries
  /** Its challenge, the first of the session, stands: nvcr.io names another realm, of no use, once a token has expired. */
  readonly attempt: Attempt | undefined
  /** The registry took just this attempt. */
  readonly isUsed: boolean
  /** The registry took the attempt's candidate: the session keeps to it. */
  readonly isAccepted: boolean
}

/** A negotiation that has not begun. */
export function createNegotiation(subject: TriesSubject, authorizer: Authorizer): Negotiation {
  const { challenges } = authorizer
  const inTurn = createQueue()
  let state = fresh(subject, authorizer)
  let isBegun = false
  let fault: RegistryFault | undefined
  return {
    attempt: signal =>
      inTurn(async () => {
        if (!isBegun) state = await begin(state, { subject, authorizer }, signal)
        isBegun = true
        return state.attempt
      }),
    afterRefusal: (refused, signal) =>
      inTurn(async () => {
        // Another request of this session may have gone on in the meantime, or have found out that nothing is left.
        if (state.attempt !== refused.attempt) return state.attempt
        if (fault !== undefined) throw fault
        try {
          state = await goOn(state, { ...refused, subject, authorizer }, signal)
        } catch (error) {
          if (error instanceof RegistryFault && error.code === 'unauthorized') fault = error
          throw error
        }
        return state.attempt
      }),
    took(attempt, answer) {
      if (attempt === undefined && answer.status < 400) challenges.mixed(subject.registry)
      if (attempt !== undefined && state.attempt === attempt)
        state = { ...state, isUsed: true, isAccepted: true }
    },
    accepted: () => (state.isAccepted ? state.attempt?.candidate.given : undefined),
  }
}

interface Context {
  readonly subject: TriesSubject
  readonly authorizer: Authorizer
}

async function begin(start: State, { subject, authorizer }: Context, signal: AbortSignal): Promise<State> {
  const challenge = authorizer.challenges.expected(subject.registry)
  if (challenge === undefined) return start
  try {
    const attempt = await start.tries.next(challenge, signal)
    return attempt === undefined ? doubting(start, challenge) : { ...start, attempt, isExpected: true }
  } catch (error) {
    if (!(error instanceof RegistryFault) || !doubtful.has(error.code)) throw error
    authorizer.challenges.forget(subject.registry)
    return fresh(subject, authorizer)
  }
}

// What an address gives that is no token server (any more).
const doubtful: ReadonlySet<string> = new Set(['unauthorized', 'invalid-answer'])

type Step = Refused & Context

function goOn(state: State, step: Step, signal: AbortSignal): Promise<State> {
  const { attempt } = state
  return attempt === undefined
    ? answerChallenge(state, step, signal)
    : tryOn({ ...state, attempt }, step.answer, signal)
}

async function answerChallenge(
  state: State,
  { answer, subject, authorizer }: Step,
  signal: AbortSignal,
): Promise<State> {
  const reason = refusalOf(answer)
  if (answer.status === 403) throw refusalFault({ ...state.tries.refusals(), reason, byTokenServer: false })
  const challenge = answerable(answer)
  if (state.doubted !== undefined && sameChallenge(state.doubted, challenge))
    throw refusalFault(state.tries.refusals())
  if (state.doubted === undefined) authorizer.challenges.challenged(subject.registry, challenge)
  else authorizer.challenges.mixed(subject.registry)
  const tries = createTries(subject, authorizer)
  const attempt = await tries.next(challenge, signal)
  if (attempt === undefined) throw refusalFault(tries.refusals())
  return { ...fresh(subject, authorizer), tries, attempt }
}

async function tryOn(
  state: State & { readonly attempt: Attempt },
  answer: Answer,
  signal: AbortSignal,
): Promise<State> {
  const { attempt, tries, isUsed, isAccepted } = state
  // A token may have expired, or have been called back. A 403 says that it is good, and for something else.
  const mayBeOld = answer.status === 401 && (isUsed || !attempt.fresh)
  const renewed = mayBeOld ? await tries.renewed(attempt, signal) : undefined
  if (renewed !== undefined) return { ...state, attempt: renewed, isUsed: false }
  tries.refused(attempt, refusalOf(answer))
  const next = isAccepted ? undefined : await tries.next(attempt.challenge, signal)
  if (next !== undefined) return { ...state, attempt: next }
  if (state.isExpected && !isAccepted) return doubting(state, attempt.challenge)
  throw refusalFault(tries.refusals())
}

function fresh(subject: TriesSubject, authorizer: Authorizer): State {
  const tries = createTries(subject, authorizer)
  const nothing = { doubted: undefined, attempt: undefined }
  return { ...nothing, tries, isExpected: false, isUsed: false, isAccepted: false }
}

// Perhaps the registry asks something else for this repository, or nothing at all: it is asked without showing anything.
function doubting(state: State, doubted: Challenge): State {
  return { ...state, isExpected: false, doubted, attempt: undefined }
}

// Pages of a session may be under way at once, but only one of them decides how to go on.
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}
