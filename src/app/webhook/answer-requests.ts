import {
  readAuthorities,
  reviewRequest,
  signingAuthority,
  signRequest,
  type AuthorityTiming,
  type StoredAuthorities,
} from '../../certificates/index.ts'
import {
  KubernetesError,
  type NamedSecret,
  type PendingRequest,
  type SigningRequests,
} from '../../kubernetes/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { shortLine } from '../../text/index.ts'

/** By what requests for certificates are answered. */
export interface AnsweringParts {
  readonly authorities: NamedSecret
  /** The DNS names that are certified. */
  readonly names: readonly string[]
  /** The user of the replicas; undefined until the API server has said it. */
  readonly username: () => string | undefined
  readonly timing: AuthorityTiming
  readonly log: Logger
}

/** Answers what waits: signs for the replicas, and denies the rest. */
export interface Answering {
  /** Milliseconds until there may be more to do. Rejects with KubernetesError where the authority cannot be read. */
  answer(signal: AbortSignal): Promise<number>
}

const again = 1_000
// The webhook configurations are looked after in between.
const mostAtOnce = 20

/** Creates the answering of the requests that wait. */
export function createAnswering(parts: AnsweringParts, requests: SigningRequests): Answering {
  let last = ''
  const attempt = async (request: PendingRequest, policy: Policy, signal: AbortSignal): Promise<void> => {
    try {
      await answerOne(request, { ...parts, ...policy, requests }, signal)
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      // Removed meanwhile, or such that no answer to it is taken. One request must not keep others waiting.
      if (error.code === 'not-found' || error.code === 'invalid') requests.leave(request)
      const isNews = error.message !== last && error.code !== 'conflict' && error.code !== 'not-found'
      if (isNews && !signal.aborted)
        parts.log.warn({ reason: error.message }, 'request for a certificate not answered')
      last = error.message
    }
  }
  return {
    async answer(signal) {
      const username = parts.username()
      if (username === undefined) return again
      const pending = requests.pending(username)
      if (pending.length === 0) return Infinity
      const stored = readAuthorities((await parts.authorities.read(signal))?.data ?? {})
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other: each is three requests to the API server
      for (const request of pending.slice(0, mostAtOnce)) await attempt(request, { username, stored }, signal)
      if (pending.length > mostAtOnce) return 0
      return requests.pending(username).length === 0 ? Infinity : again
    },
  }
}

type Answered = Omit<AnsweringParts, 'username'> & Policy & { readonly requests: SigningRequests }

interface Policy {
  readonly username: string
  readonly stored: StoredAuthorities
}

async function answerOne(
  request: PendingRequest,
  { names, timing, log, requests, username, stored }: Answered,
  signal: AbortSignal,
): Promise<void> {
  const review = reviewRequest(request, { username, names })
  const who = { request: request.name, user: shortLine(request.username, 120) }
  const now = Date.now()
  switch (review.outcome) {
    case 'approved': {
      const authority = signingAuthority(stored, now)
      // It waits: the authority comes, or a person is told why not.
      if (authority === undefined) return
      const signature = { authority, publicKey: review.publicKey, names, request }
      const certificate = await signRequest(signature, now, timing)
      await requests.answer(request, { outcome: 'issued', certificate }, signal)
      return log.info({ ...who, authority: authority.name }, 'certificate signed')
    }
    case 'denied':
      await requests.answer(request, review, signal)
      return log.warn({ ...who, reason: review.message }, 'request for a certificate denied')
  }
}
