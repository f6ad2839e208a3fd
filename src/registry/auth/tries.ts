import type { PullCredentials, Turn, Urgency } from '../../evaluation/index.ts'
import type { Registry } from '../settings/registry.ts'
import { TokenRefusal, type Authorization, type Authorizer } from './authorizer.ts'
import { createCandidates, type Candidate } from './candidates.ts'
import type { Challenge } from './challenge.ts'

/** How a request is sent: as whom, and with which `Authorization` header, in answer to which challenge. */
export interface Attempt extends Authorization {
  readonly candidate: Candidate
  readonly challenge: Challenge
}

/** Who was refused, and what was said to the last of them. */
export interface Refusals {
  readonly candidates: readonly Candidate[]
  readonly reason: string
  /** Whether that was its token server, and not the registry itself. */
  readonly byTokenServer: boolean
}

/** For which repository, and with what. */
export interface TriesSubject extends Turn {
  readonly registry: Registry
  readonly repository: string
  readonly credentials: readonly PullCredentials[]
  readonly urgency: Urgency
}

/** Goes through the candidates of one session, each once. */
export interface Tries {
  /** The next one that has something to answer the challenge with. */
  next(challenge: Challenge, signal: AbortSignal): Promise<Attempt | undefined>
  /** The same candidate with another token; undefined where there is no other. */
  renewed(attempt: Attempt, signal: AbortSignal): Promise<Attempt | undefined>
  /** The registry refused an attempt. */
  refused(attempt: Attempt, reason: string): void
  refusals(): Refusals
}

/** Tries of all candidates from the first on. */
export function createTries(subject: TriesSubject, authorizer: Authorizer): Tries {
  const candidates = createCandidates(subject.registry, subject, authorizer.configured)
  let refusals: Refusals = { candidates: [], reason: '', byTokenServer: false }

  function note(candidate: Candidate, reason: string, byTokenServer: boolean): void {
    refusals = { candidates: [...new Set([...refusals.candidates, candidate])], reason, byTokenServer }
  }

  async function attempt(
    challenge: Challenge,
    wanted: Wanted,
    signal: AbortSignal,
  ): Promise<Attempt | undefined> {
    try {
      const found = await authorizer.authorize(challenge, { ...subject, ...wanted }, signal)
      return found === undefined ? undefined : { ...found, candidate: wanted.candidate, challenge }
    } catch (error) {
      if (!(error instanceof TokenRefusal)) throw error
      note(wanted.candidate, error.message, true)
      return undefined
    }
  }

  return {
    async next(challenge, signal) {
      for (;;) {
        const candidate = await candidates.next(signal)
        if (candidate === undefined) return undefined
        const found = await attempt(challenge, { candidate, rejected: undefined }, signal)
        if (found !== undefined) return found
      }
    },
    async renewed({ challenge, candidate, value }, signal) {
      const found = await attempt(challenge, { candidate, rejected: value }, signal)
      return found === undefined || found.value === value ? undefined : { ...found, fresh: true }
    },
    refused({ challenge, candidate, value }, reason) {
      authorizer.forget(challenge, { ...subject, candidate, rejected: value })
      note(candidate, reason, false)
    },
    refusals: () => refusals,
  }
}

interface Wanted {
  readonly candidate: Candidate
  readonly rejected: string | undefined
}
