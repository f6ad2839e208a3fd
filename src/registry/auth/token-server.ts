import { isJsonObject, jsonIn, member } from '../../json/index.ts'
import { advice } from '../response/advice.ts'
import { invalidResponse, RegistryError, shown } from '../response/registry-error.ts'
import { checkStatus, headerOf, parseJson, type RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'

/**
 * The token server that a challenge names, if this registry may send there: its own host, or the one that is built in for
 * it or configured (`tokenHost`); over https, or http where the registry is `insecure`. The rule is a list and not "the same
 * registrable domain": that needs the public suffix list, and where tenants share a domain it hands one the other's
 * credentials. It holds for requests without credentials too, so that no response can choose a host to be contacted.
 * @throws RegistryError
 */
export function tokenServer(registry: Registry, realm: string): URL {
  const url = URL.parse(realm)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw invalidResponse('its challenge names no proper token server')
  const isOwn = url.origin === registry.origin
  if (!isOwn && !isListed(registry, url)) throw elsewhere(url)
  if (url.protocol === 'http:' && !registry.insecure)
    throw invalidResponse(`its challenge sends to ${shown(url.origin)}, which is not https`)
  url.hash = ''
  return url
}

function isListed(registry: Registry, url: URL): boolean {
  if (url.host === registry.tokenHost) return true
  // The same host and port in another scheme: the scheme is judged by itself.
  return url.host === new URL(registry.origin).host
}

function elsewhere(url: URL): RegistryError {
  const next = advice`if that is its token server, say so as tokenHost ${'under-registries'}`
  return new RegistryError(
    'unauthorized',
    `it sends to ${shown(url.host)} for a token, which is not its own host`,
    {
      next,
    },
  )
}

/** A bearer token; `expiresIn` in milliseconds from when it came. */
export interface Token {
  readonly token: string
  readonly expiresIn: number
}

/** The scope of a token, and the service that it is for. */
export interface TokenScope {
  readonly service: string | undefined
  readonly scope: string
}

// "If omitted, this defaults to 60 seconds" (distribution, docs/spec/auth/token.md).
const defaultExpirySeconds = 60
// A token that lives longer is asked for anew: a registry must not fill the memory with tokens that are good for ever.
const longestExpirySeconds = 3_600

/** The address of a token for one scope; what the realm's own query holds stays. */
export function tokenAddress(realm: URL, { service, scope }: TokenScope): URL {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.set('scope', scope)
  return url
}

/** The form that exchanges an identity token for a token (distribution, docs/spec/auth/oauth.md). */
export function exchangeForm(identityToken: string, { service, scope }: TokenScope): string {
  return new URLSearchParams({
    grant_type: 'refresh_token',
    ...(service !== undefined && { service }),
    client_id: 'patchline',
    scope,
    refresh_token: identityToken,
  }).toString()
}

/**
 * The token in a token server's response, under either of its names.
 * @throws RegistryError where it has none.
 */
export function readToken(response: RegistryResponse): Token {
  checkStatus(response, 'its token server')
  const body = parseJson(response)
  const token = isJsonObject(body) ? [body['token'], body['access_token']].find(isHeaderToken) : undefined
  if (!isJsonObject(body) || token === undefined) throw invalidResponse('its token server sent no token')
  const seconds = body['expires_in']
  const given = typeof seconds === 'number' && seconds > 0 ? seconds : defaultExpirySeconds
  const expiresIn = Math.min(given, longestExpirySeconds) * 1000
  return { token, expiresIn: expiresIn - ageOf(body['issued_at'], headerOf(response, 'date')) }
}

/** The status with which a token server refused the credentials, or undefined if it did not. */
export function refusalStatus({ status }: RegistryResponse, isExchange: boolean): number | undefined {
  if (status === 401 || status === 403) return status
  // What OAuth 2.0 says of a refresh token that is of no use (RFC 6749, 5.2), and servers that know no exchange.
  return isExchange && [400, 404, 405].includes(status) ? status : undefined
}

/** Whether a value is a token that may stand in a header: anything but printable ASCII could add a line to the request. */
export function isHeaderToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/**
 * The lifetime of a JSON Web Token in milliseconds; undefined for a token of another kind. Only its own two instants are
 * compared, so that no clock has to be right.
 */
export function jwtLifetime(token: string): number | undefined {
  const claims = jsonIn(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  const [issued, expires] = [member(claims, 'iat'), member(claims, 'exp')]
  if (typeof issued !== 'number' || typeof expires !== 'number') return undefined
  return Math.max(expires - issued, 0) * 1000
}

// A token server may hand out one that it has had for a while. Only its own clock says for how long: ours may differ by more
// than the life of a token, which would then be asked for on each page.
function ageOf(issuedAt: unknown, date: string | undefined): number {
  const issued = typeof issuedAt === 'string' ? Date.parse(issuedAt) : Number.NaN
  const age = Date.parse(date ?? '') - issued
  return age > 0 ? age : 0
}
