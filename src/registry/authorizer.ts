import { headerOf, type Answer } from './answer.ts'
import { parseChallenges, type Challenge } from './challenge.ts'
import { RegistryFault } from './fault.ts'
import { tokenServer } from './realm.ts'
import type { Registry } from './registry.ts'
import type { Sender } from './sender.ts'
import type { Credentials } from './settings.ts'
import { readToken, tokenAddress } from './token.ts'
import type { TokenCache } from './token-cache.ts'

/** The value of an `Authorization` header; `fresh` if there is no use in asking for another. */
export interface Authorization {
  readonly value: string
  readonly fresh: boolean
}

interface AuthorizerParts {
  readonly sender: Sender
  readonly tokens: TokenCache
  readonly tokenAnswerBytes: number
}

/** What the challenge of an answer asks for. */
export type Authorize = (
  challenge: Challenge,
  scope: { readonly registry: Registry; readonly repository: string; readonly rejected: string | undefined },
  signal: AbortSignal,
) => Promise<Authorization>

/** Answers challenges: `Bearer` with a token (from memory where one still holds), `Basic` with the credentials. */
export function createAuthorizer({ sender, tokens, tokenAnswerBytes }: AuthorizerParts): Authorize {
  return async (challenge, { registry, repository, rejected }, signal) => {
    const { credentials } = registry
    const basic = credentials === undefined ? undefined : basicAuthorization(credentials)
    if (challenge.scheme === 'basic') return { value: basic ?? needsCredentials(), fresh: true }

    const realm = tokenServer(registry, challenge.parameters.get('realm') ?? '')
    // The scope is ours and not the challenge's: a token must never be good for more than reading this repository.
    const url = tokenAddress(realm, challenge.parameters.get('service'), `repository:${repository}:pull`)
    const key = JSON.stringify([registry.host, credentials?.username, url.href])
    const held = tokens.get(key)
    if (held !== undefined && `Bearer ${held}` !== rejected) return { value: `Bearer ${held}`, fresh: false }

    tokens.delete(key)
    const answer = await sender.send(
      { registry, url, authorization: basic, maxBytes: tokenAnswerBytes },
      signal,
    )
    const { token, expiresIn } = readToken(answer)
    tokens.set(key, token, expiresIn)
    return { value: `Bearer ${token}`, fresh: true }
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

function byScheme(challenges: readonly Challenge[], scheme: string): Challenge | undefined {
  return challenges.find(challenge => challenge.scheme === scheme)
}

function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function needsCredentials(): never {
  throw new RegistryFault('unauthorized', 'the registry wants a name and a password', {
    next: 'give credentials under registries',
  })
}
