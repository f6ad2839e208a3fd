import { isJsonObject } from '../../json/index.ts'
import { jsonOf, type Answer } from '../response/answer.ts'
import type { Candidate } from '../auth/candidates.ts'
import { invalidAnswer, RegistryFault } from '../response/fault.ts'
import type { Listing } from '../listing/lister.ts'
import type { ObtainedToken, TokenCache } from '../auth/token-cache.ts'
import type { Token } from '../auth/token.ts'

/** Gets tokens of Docker Hub's own API for a name and a password or access token. */
export interface HubLogin {
  /**
   * One that is held, or a new one where that was refused.
   * @throws HubLoginRefused where the API does not take the credentials; RegistryFault where there is no answer.
   */
  token(candidate: Candidate, rejected: string | undefined, signal: AbortSignal): Promise<ObtainedToken>
}

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
    checkHubStatus(answer)
    return readLogin(answer)
  }

  return {
    token(candidate, rejected, signal) {
      const key = JSON.stringify(['docker-hub', apiUrl, candidate.account])
      return tokens.obtain({ key, rejected, kind: urgency, ask: inner => login(candidate, inner) }, signal)
    },
  }
}

/**
 * Lets an answer with status 200 pass.
 * @throws RegistryFault
 */
export function checkHubStatus({ status }: Answer): void {
  if (status === 200) return
  const what = `Docker Hub's API answered ${status}`
  if (status >= 500 || status === 408)
    throw new RegistryFault('unavailable', what, { next: 'it is asked again later' })
  throw invalidAnswer(what)
}

// "This expires in 10 minutes" (Docker Hub's API, AuthCreateTokenResponse), where the token itself does not say.
const tokenLife = 600_000

function readLogin(answer: Answer): Token {
  const body = jsonOf(answer)
  const token = isJsonObject(body) ? body['access_token'] : undefined
  // What may stand in a header: anything else could add a line to the request.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw invalidAnswer("Docker Hub's API sent no token")
  return { token, expiresIn: lifeOf(token) }
}

// Only the two instants of the token itself are compared, so that no clock of ours has to be right.
function lifeOf(token: string): number {
  const claims = claimsOf(token.split('.')[1] ?? '')
  const [issued, expires] = [claims['iat'], claims['exp']]
  if (typeof issued !== 'number' || typeof expires !== 'number') return tokenLife
  return Math.min(Math.max(expires - issued, 0) * 1000, tokenLife)
}

function claimsOf(part: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isJsonObject(claims) ? claims : {}
  } catch {
    return {}
  }
}
