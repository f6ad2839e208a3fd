import type { Turn, Urgency } from '../../evaluation/index.ts'
import { RegistryError } from '../response/registry-error.ts'
import { headerOf, type RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { Send } from '../transport/send.ts'
import { createKnownChallenges, parseChallenges, type Challenge, type KnownChallenges } from './challenge.ts'
import { createConfiguredReader, type ConfiguredCredentials, type Identity } from './identities.ts'
import type { TokenCache } from './token-cache.ts'
import {
  exchangeForm,
  readToken,
  refusalStatus,
  tokenAddress,
  tokenServer,
  type Token,
} from './token-server.ts'

/** The value of an `Authorization` header; `fresh` if it was just issued, so that another one would be no better. */
export interface Authorization {
  readonly value: string
  readonly fresh: boolean
}

/** A request for an authorization: the repository, and the identity to use. */
export interface Authorizing extends Turn {
  readonly registry: Registry
  readonly repository: string
  readonly identity: Identity
  readonly urgency: Urgency
  /** An authorization that the registry has refused. */
  readonly rejected: string | undefined
}

/** Makes `Authorization` headers that answer challenges. */
export interface Authorizer {
  /**
   * Answers a challenge; undefined if the identity cannot.
   * @throws TokenError if the token server refuses the credentials, RegistryError if it gives no token.
   */
  authorize(
    challenge: Challenge,
    authorizing: Authorizing,
    signal: AbortSignal,
  ): Promise<Authorization | undefined>
  /** Drops what the registry refused for good, so that the next session asks for another. */
  forget(challenge: Challenge, authorizing: Authorizing): void
  readonly configured: ConfiguredCredentials
  readonly challenges: KnownChallenges
}

/** A token server refused the credentials. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly status: number

  constructor(status: number) {
    super(`its token server answered ${status}`)
    this.status = status
  }
}

interface AuthorizerParts {
  readonly send: Send
  readonly tokens: TokenCache
  readonly tokenResponseBytes: number
}

/** Creates an authorizer: it answers `Bearer` with a token, from the cache if one is still valid, and `Basic` with the credentials. */
export function createAuthorizer(parts: AuthorizerParts): Authorizer {
  const { tokens } = parts
  return {
    configured: createConfiguredReader(),
    challenges: createKnownChallenges(),
    async authorize(challenge, authorizing, signal) {
      const { identity, rejected, urgency } = authorizing
      const registryToken = identity.credentials?.registryToken
      if (registryToken !== undefined) return { value: `${bearer}${registryToken}`, fresh: true }
      if (challenge.scheme === 'basic') return withPassword(identity)
      if (!canAskForToken(identity)) return undefined
      const tokenRequest = tokenRequestOf(challenge, authorizing)
      const ask = (flight: AbortSignal): Promise<Token> => requestToken(tokenRequest, parts, flight)
      const old = rejected?.slice(bearer.length)
      const { token, fresh } = await tokens.obtain(
        { key: tokenRequest.key, rejected: old, urgency, ask },
        signal,
      )
      return { value: `${bearer}${token}`, fresh }
    },
    forget(challenge, authorizing) {
      if (challenge.scheme !== 'bearer' || authorizing.rejected === undefined) return
      tokens.forget(tokenRequestOf(challenge, authorizing).key, authorizing.rejected.slice(bearer.length))
    },
  }
}

/**
 * The challenge of a 401 that can be answered, bearer tokens before the password.
 * @throws RegistryError where there is none.
 */
export function answerableChallenge(response: RegistryResponse): Challenge {
  const challenges = parseChallenges(headerOf(response, 'www-authenticate') ?? '')
  const challenge = byScheme(challenges, 'bearer') ?? byScheme(challenges, 'basic')
  if (challenge !== undefined) return challenge
  throw new RegistryError('unauthorized', 'the registry answered 401 without a Bearer or Basic challenge', {
    next: 'check that this is an OCI registry',
  })
}

const bearer = 'Bearer '
const exchange = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  authorization: undefined,
} as const

interface TokenRequest {
  readonly authorizing: Authorizing
  readonly realm: URL
  readonly service: string | undefined
  readonly scope: string
  readonly key: string
}

function tokenRequestOf(challenge: Challenge, authorizing: Authorizing): TokenRequest {
  const { registry, repository, identity } = authorizing
  const realm = tokenServer(registry, challenge.parameters.get('realm') ?? '')
  const service = challenge.parameters.get('service')
  // The scope is ours and not the challenge's: a token must never be good for more than reading this repository.
  const scope = `repository:${repository}:pull`
  const key = JSON.stringify([registry.origin, realm.href, service, scope, identity.account])
  return { authorizing, realm, service, scope, key }
}

async function requestToken(
  tokenRequest: TokenRequest,
  parts: AuthorizerParts,
  signal: AbortSignal,
): Promise<Token> {
  const { registry, repository, identity, urgency, namespace } = tokenRequest.authorizing
  const identityToken = identity.credentials?.identityToken
  const turn = { repository, urgency, namespace }
  const common = { ...turn, registry, account: identity.account, maxBytes: parts.tokenResponseBytes }
  const request =
    identityToken === undefined
      ? { ...common, url: tokenAddress(tokenRequest.realm, tokenRequest), authorization: basicOf(identity) }
      : { ...common, ...exchange, url: tokenRequest.realm, body: exchangeForm(identityToken, tokenRequest) }
  const response = await parts.send(request, signal)
  const refused = refusalStatus(response, identityToken !== undefined)
  if (refused !== undefined) throw new TokenError(refused)
  return readToken(response)
}

function withPassword(identity: Identity): Authorization | undefined {
  const value = basicOf(identity)
  return value === undefined ? undefined : { value, fresh: true }
}

function byScheme(challenges: readonly Challenge[], scheme: string): Challenge | undefined {
  return challenges.find(challenge => challenge.scheme === scheme)
}

// Without a name the token server would see an anonymous request, and its token would be taken for one of these credentials.
function canAskForToken(identity: Identity): boolean {
  const { credentials } = identity
  return (
    credentials === undefined || credentials.identityToken !== undefined || basicOf(identity) !== undefined
  )
}

function basicOf({ credentials }: Identity): string | undefined {
  if (credentials === undefined || credentials.username === '') return undefined
  const { username, password } = credentials
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
