import { isObject, jsonOf, type Answer } from './answer.ts'
import { invalidAnswer, RegistryFault } from './fault.ts'

/** A bearer token; `expiresIn` in milliseconds. */
export interface Token {
  readonly token: string
  readonly expiresIn: number
}

// "If omitted, this defaults to 60 seconds" (distribution, docs/spec/auth/token.md).
const defaultExpirySeconds = 60
// A token that lives longer is asked for anew: a registry must not fill the memory with tokens that are good for ever.
const longestExpirySeconds = 3_600

/** The address of a token for one scope; what the realm's own query holds stays. */
export function tokenAddress(realm: URL, service: string | undefined, scope: string): URL {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.set('scope', scope)
  return url
}

/**
 * The token of a token server's answer, under either of its names.
 * @throws RegistryFault where it has none.
 */
export function readToken(answer: Answer): Token {
  checkTokenStatus(answer)
  const body = jsonOf(answer)
  const token = isObject(body) ? [body['token'], body['access_token']].find(isToken) : undefined
  if (!isObject(body) || token === undefined) throw invalidAnswer('its token server sent no token')
  const seconds = body['expires_in']
  const given = typeof seconds === 'number' && seconds > 0 ? seconds : defaultExpirySeconds
  return { token, expiresIn: Math.min(given, longestExpirySeconds) * 1000 }
}

// What may stand in a header: anything else could add a line to the request.
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function checkTokenStatus({ status }: Answer): void {
  if (status === 200) return
  if (status === 401 || status === 403)
    throw new RegistryFault('unauthorized', `its token server answered ${status}`, {
      next: 'check the credentials under registries, and the name of the repository',
    })
  if (status >= 500)
    throw new RegistryFault('unavailable', `its token server answered ${status}`, {
      next: 'it is asked again later',
    })
  throw invalidAnswer(`its token server answered ${status}`)
}
