import { isJsonObject } from '../../json/index.ts'
import type { Candidate } from '../auth/candidates.ts'
import type { ObtainedToken, TokenCache } from '../auth/token-cache.ts'
import { isHeaderToken, jwtLifetime, type Token } from '../auth/token.ts'
import type { Listing } from '../listing/lister.ts'
import { checkStatus, jsonOf, type Answer } from '../response/answer.ts'
import { invalidAnswer } from '../response/fault.ts'

/** Gets tokens of Docker Hub's own API for a name and a password or access token. */
export interface HubLogin {
  /**
   * One that is held, or a new one where that was refused.
   * @throws HubLoginRefused where the API does not take the credentials; RegistryFault where there is no answer.
   */
  token(candidate: Candidate, rejected: string | undefined, signal: AbortSignal): Promise<ObtainedToken>
}

/** How messages call it. */
export const hubApi = "Docker Hub's API"

/** Docker Hub's API does not take the credentials. */
export class HubLoginRefused extends Error {
  override readonly name = 'HubLoginRefused'
}

/** The login of one listing; its tokens are held for all. */
export function createHubLogin(
  { registry, query, parts, limits }: Listing,
  { tokens, apiUrl }: { readonly tokens: TokenCache; readonly apiUrl: string },
): HubLogin {
  const urgency = query.urgency ?? 'refresh'

  async function login({ credentials, account }: Candidate, signal: AbortSignal): Promise<Token> {
    const answer = await parts.sender.send(
      {
        registry,
        url: new URL(`${apiUrl}/v2/auth/token`),
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identifier: credentials?.username, secret: credentials?.password }),
        authorization: undefined,
        urgency,
        namespace: query.namespace,
        account,
        maxBytes: limits.tokenAnswerBytes,
      },
      signal,
    )
    if ([400, 401, 403, 404].includes(answer.status)) throw new HubLoginRefused()
    checkStatus(answer, hubApi)
    return readLogin(answer)
  }

  return {
    token(candidate, rejected, signal) {
      const key = JSON.stringify(['docker-hub', apiUrl, candidate.account])
      return tokens.obtain({ key, rejected, kind: urgency, ask: inner => login(candidate, inner) }, signal)
    },
  }
}

// "This expires in 10 minutes" (Docker Hub's API, AuthCreateTokenResponse), where the token itself does not say.
const tokenLife = 600_000

function readLogin(answer: Answer): Token {
  const body = jsonOf(answer)
  const token = isJsonObject(body) ? body['access_token'] : undefined
  if (!isHeaderToken(token)) throw invalidAnswer("Docker Hub's API sent no token")
  return { token, expiresIn: Math.min(jwtLifetime(token) ?? tokenLife, tokenLife) }
}
