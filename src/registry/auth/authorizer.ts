import type { Turn, Urgency } from '../../evaluation/index.ts'
import type { Broker } from '../broker/broker.ts'
import { headerOf, type Answer } from '../response/answer.ts'
import { RegistryFault } from '../response/fault.ts'
import type { Registry } from '../settings/registry.ts'
import { createConfigured, type Candidate, type Configured } from './candidates.ts'
import { createChallengeMemory, type ChallengeMemory } from './challenge-memory.ts'
import { parseChallenges, type Challenge } from './challenge.ts'
import { tokenServer } from './realm.ts'
import type { TokenCache } from './token-cache.ts'
import { exchangeForm, readToken, refusalStatus, tokenAddress, type Token } from './token.ts'

/** The value of an `Authorization` header; `fresh` if there is no use in asking for another. */
export interface Authorization {
  readonly value: string
  readonly fresh: boolean
}

/** For what an authorization is wanted, and as whom. */
export interface Authorizing extends Turn {
  readonly registry: Registry
  readonly repository: string
  readonly candidate: Candidate
  readonly urgency: Urgency
  /** One that the registry has refused. */
  readonly rejected: string | undefined
}

/** Answers challenges, and knows what there is to answer them with. */
export interface Authorizer {
  /**
   * What the challenge asks for; undefined where the candidate has nothing of the kind.
   * @throws TokenRefusal where the token server does not take the credentials, RegistryFault where there is no token to be had.
   */
  authorize(
    challenge: Challenge,
    authorizing: Authorizing,
    signal: AbortSignal,
  ): Promise<Authorization | undefined>
  /** Drops what the registry refused for good, so that the next session asks for another. */
  forget(challenge: Challenge, authorizing: Authorizing): void
  readonly configured: Configured
  readonly challenges: ChallengeMemory
}

/** A token server did not take the credentials. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal'
  readonly status: number

  constructor(status: number) {
    super(`its token server answered ${status}`)
    this.status = status
  }
}

interface AuthorizerParts {
  readonly sender: Broker
  readonly tokens: TokenCache
  readonly tokenAnswerBytes: number
}

/** Answers challenges: `Bearer` with a token (from memory where one still holds), `Basic` with the credentials. */
export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const { tokens } = parts
  return {
    configured: createConfigured(),
    challenges: createChallengeMemory(),
    async authorize(challenge, authorizing, signal) {
      const { candidate, rejected, urgency } = authorizing
      const registryToken = candidate.credentials?.registryToken
      if (registryToken !== undefined) return { value: `${bearer}${registryToken}`, fresh: true }
      if (challenge.scheme === 'basic') return withPassword(candidate)
      if (!canAskForToken(candidate)) return undefined
      const wanted = wantedOf(challenge, authorizing)
      const ask = (flight: AbortSignal): Promise<Token> => askForToken(wanted, parts, flight)
      const old = rejected?.slice(bearer.length)
      const { token, fresh } = await tokens.obtain(
        { key: wanted.key, rejected: old, kind: urgency, ask },
        signal,
      )
      return { value: `${bearer}${token}`, fresh }
    },
    forget(challenge, authorizing) {
      if (challenge.scheme !== 'bearer' || authorizing.rejected === undefined) return
      tokens.forget(wantedOf(challenge, authorizing).key, authorizing.rejected.slice(bearer.length))
    },
  }
}

/**
 * The challenge of a 401 that can be answered, bearer tokens before the password.
 * @throws RegistryFault where there is none.
 */
export function answerable(answer: Answer): Challenge {
  const challenges = parseChallenges(headerOf(answer, 'www-authenticate') ?? '')
  const challenge = byScheme(challenges, 'bearer') ?? byScheme(challenges, 'basic')
  if (challenge !== undefined) return challenge
  throw new RegistryFault('unauthorized', 'the registry answered 401 without a Bearer or Basic challenge', {
    next: 'check that this is an OCI registry',
  })
}

const bearer = 'Bearer '
const exchange = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  authorization: undefined,
} as const

interface Wanted {
  readonly authorizing: Authorizing
  readonly realm: URL
  readonly service: string | undefined
  readonly scope: string
  readonly key: string
}

function wantedOf(challenge: Challenge, authorizing: Authorizing): Wanted {
  const { registry, repository, candidate } = authorizing
  const realm = tokenServer(registry, challenge.parameters.get('realm') ?? '')
  const service = challenge.parameters.get('service')
  // The scope is ours and not the challenge's: a token must never be good for more than reading this repository.
  const scope = `repository:${repository}:pull`
  const key = JSON.stringify([registry.origin, realm.href, service, scope, candidate.account])
  return { authorizing, realm, service, scope, key }
}

async function askForToken(wanted: Wanted, parts: AuthorizerParts, signal: AbortSignal): Promise<Token> {
  const { registry, repository, candidate, urgency, namespace } = wanted.authorizing
  const identityToken = candidate.credentials?.identityToken
  const turn = { repository, urgency, namespace }
  const common = { ...turn, registry, account: candidate.account, maxBytes: parts.tokenAnswerBytes }
  const request =
    identityToken === undefined
      ? { ...common, url: tokenAddress(wanted.realm, wanted), authorization: basicOf(candidate) }
      : { ...common, ...exchange, url: wanted.realm, body: exchangeForm(identityToken, wanted) }
  const answer = await parts.sender.send(request, signal)
  const refused = refusalStatus(answer, identityToken !== undefined)
  if (refused !== undefined) throw new TokenRefusal(refused)
  return readToken(answer)
}

function withPassword(candidate: Candidate): Authorization | undefined {
  const value = basicOf(candidate)
  return value === undefined ? undefined : { value, fresh: true }
}

function byScheme(challenges: readonly Challenge[], scheme: string): Challenge | undefined {
  return challenges.find(challenge => challenge.scheme === scheme)
}

// Credentials without a name would be asked for as nobody, and what nobody may know would be taken for theirs.
function canAskForToken(candidate: Candidate): boolean {
  const { credentials } = candidate
  return (
    credentials === undefined || credentials.identityToken !== undefined || basicOf(candidate) !== undefined
  )
}

function basicOf({ credentials }: Candidate): string | undefined {
  if (credentials === undefined || credentials.username === '') return undefined
  const { username, password } = credentials
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
