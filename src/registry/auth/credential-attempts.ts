import type { PullCredentials, Turn, Urgency } from '../../evaluation/index.ts'
import type { Registry } from '../settings/registry.ts'
import { TokenError, type Authorization, type Authorizer } from './authorizer.ts'
import type { Challenge } from './challenge.ts'
import { createIdentities, type Identity } from './identities.ts'

/** One way to authorize a request: an identity, the challenge that it answers, and the `Authorization` header. */
export interface CredentialAttempt extends Authorization {
  readonly identity: Identity
  readonly challenge: Challenge
}

/** The identities that were refused, and the reason that the last one got. */
export interface Refusals {
  readonly identities: readonly Identity[]
  readonly reason: string
  /** Whether that was its token server, and not the registry itself. */
  readonly byTokenServer: boolean
}

/** For which repository, and with what. */
export interface AttemptSubject extends Turn {
  readonly registry: Registry
  readonly repository: string
  readonly credentials: readonly PullCredentials[]
  readonly urgency: Urgency
}

/** Tries the identities of one session, each once. */
export interface CredentialAttempts {
  /** An attempt with the next identity that can answer the challenge. */
  next(challenge: Challenge, signal: AbortSignal): Promise<CredentialAttempt | undefined>
  /** The same identity with another token; undefined where there is no other. */
  renewed(attempt: CredentialAttempt, signal: AbortSignal): Promise<CredentialAttempt | undefined>
  /** The registry refused an attempt. */
  refused(attempt: CredentialAttempt, reason: string): void
  refusals(): Refusals
}

/** Creates the attempts of a session, from the first identity on. */
export function createCredentialAttempts(
  subject: AttemptSubject,
  authorizer: Authorizer,
): CredentialAttempts {
  const identities = createIdentities(subject.registry, subject, authorizer.configured)
  let refusals: Refusals = { identities: [], reason: '', byTokenServer: false }

  function note(identity: Identity, reason: string, byTokenServer: boolean): void {
    refusals = { identities: [...new Set([...refusals.identities, identity])], reason, byTokenServer }
  }

  const attempt: Answer = async (challenge, given, signal) => {
    try {
      const found = await authorizer.authorize(challenge, { ...subject, ...given }, signal)
      return found === undefined ? undefined : { ...found, identity: given.identity, challenge }
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      note(given.identity, error.message, true)
      return undefined
    }
  }

  return {
    async next(challenge, signal) {
      for (;;) {
        const identity = await identities.next(signal)
        if (identity === undefined) return undefined
        const found = await attempt(challenge, { identity, rejected: undefined }, signal)
        if (found !== undefined) return found
      }
    },
    async renewed({ challenge, identity, value }, signal) {
      const found = await attempt(challenge, { identity, rejected: value }, signal)
      return found === undefined || found.value === value ? undefined : { ...found, fresh: true }
    },
    refused({ challenge, identity, value }, reason) {
      authorizer.forget(challenge, { ...subject, identity, rejected: value })
      note(identity, reason, false)
    },
    refusals: () => refusals,
  }
}

interface Given {
  readonly identity: Identity
  readonly rejected: string | undefined
}

type Answer = (
  challenge: Challenge,
  given: Given,
  signal: AbortSignal,
) => Promise<CredentialAttempt | undefined>
