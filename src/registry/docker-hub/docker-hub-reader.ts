import { isJsonObject } from '../../json/index.ts'
import type { Identities, Identity } from '../auth/identities.ts'
import type { ObtainedToken, TokenCache } from '../auth/token-cache.ts'
import { isHeaderToken, jwtLifetime, type Token } from '../auth/token-server.ts'
import type { Listing } from '../listing/lister.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { checkStatus, parseJson, type RegistryResponse } from '../response/response.ts'
import type { RegistryRequest } from '../transport/send.ts'
import {
  hubPageUrl,
  hubTagUrl,
  readHubPage,
  readHubPlatforms,
  type HubPage,
  type HubPlatforms,
} from './docker-hub-page.ts'

/** Reads pages of one repository from Docker Hub's own API. */
export interface HubReader {
  /**
   * Reads a page, from 1; undefined if no identity may read it, or it is past the end.
   * @throws RegistryError if there is no valid response.
   */
  page(number: number, signal: AbortSignal): Promise<HubPage | undefined>
  /** Reads the platforms of a tag; undefined if the API does not have it. Throws as `page` does. */
  platforms(tag: string, signal: AbortSignal): Promise<HubPlatforms | undefined>
  /** Whether every namespace that the configuration serves may see the pages. */
  shared(): boolean
}

interface HubReaderParts {
  readonly tokens: TokenCache
  readonly identities: Identities
  readonly apiUrl: string
}

/** Creates a reader that tries one identity after another until one is accepted, and then keeps it. */
export function createHubReader(listing: Listing, { tokens, identities, apiUrl }: HubReaderParts): HubReader {
  const asker = createAsker(listing, createHubLogin(listing, { tokens, apiUrl }))
  let current: Identity | undefined

  async function ask(url: URL, signal: AbortSignal): Promise<RegistryResponse | undefined> {
    const isFirst = current === undefined
    for (;;) {
      current ??= await identities.next(signal)
      if (current === undefined) return undefined
      const response = await asker.ask(url, current, signal)
      if (response !== undefined && !refusals.has(response.status)) {
        checkStatus(response, hubApi)
        return response
      }
      if (!isFirst) return undefined
      current = undefined
    }
  }

  return {
    shared: () => current?.given === undefined,
    async page(number, signal) {
      const url = hubPageUrl(apiUrl, listing.query.repository, number)
      const response = url && (await ask(url, signal))
      return response && readHubPage(response)
    },
    async platforms(tag, signal) {
      const url = hubTagUrl(apiUrl, listing.query.repository, tag)
      const response = url && (await ask(url, signal))
      return response && readHubPlatforms(response)
    },
  }
}

// The API answers 404 for a private repository that the identity may not read.
const refusals = new Set([401, 403, 404])

interface Asker {
  /** The response; undefined where the identity cannot log in. */
  ask(url: URL, identity: Identity, signal: AbortSignal): Promise<RegistryResponse | undefined>
}

function createAsker({ registry, query, parts, limits }: Listing, login: HubLogin): Asker {
  function get(url: URL, { account }: Identity, token: string | undefined): RegistryRequest {
    const authorization = token === undefined ? undefined : `Bearer ${token}`
    const { repository, urgency = 'refresh', namespace } = query
    const turn = { repository, urgency, namespace }
    return { ...turn, registry, url, authorization, account, maxBytes: limits.responseBytes }
  }

  async function askAs(url: URL, identity: Identity, signal: AbortSignal): Promise<RegistryResponse> {
    const held = await login.token(identity, undefined, signal)
    const response = await parts.send(get(url, identity, held.token), signal)
    if (response.status !== 401 || held.fresh) return response
    const fresh = await login.token(identity, held.token, signal)
    return parts.send(get(url, identity, fresh.token), signal)
  }

  return {
    async ask(url, identity, signal) {
      const { credentials } = identity
      if (credentials === undefined) return parts.send(get(url, identity, undefined), signal)
      // Tokens of the registry and of its token server are not valid for the API.
      if (credentials.password === '') return undefined
      try {
        return await askAs(url, identity, signal)
      } catch (error) {
        if (error instanceof HubLoginError) return undefined
        throw error
      }
    },
  }
}

/** Gets tokens of Docker Hub's own API for a name and a password or access token. */
export interface HubLogin {
  /**
   * Gives the cached token, or a new one if that was refused.
   * @throws HubLoginError if the API refuses the credentials; RegistryError if there is no response.
   */
  token(identity: Identity, rejected: string | undefined, signal: AbortSignal): Promise<ObtainedToken>
}

/** The name of the API in messages. */
export const hubApi = "Docker Hub's API"

/** Docker Hub's API refused the credentials. */
export class HubLoginError extends Error {
  override readonly name = 'HubLoginError'
}

/** Creates the login of one listing; all listings share the cached tokens. */
export function createHubLogin(
  { registry, query, parts, limits }: Listing,
  { tokens, apiUrl }: { readonly tokens: TokenCache; readonly apiUrl: string },
): HubLogin {
  const urgency = query.urgency ?? 'refresh'

  async function login({ credentials, account }: Identity, signal: AbortSignal): Promise<Token> {
    const response = await parts.send(
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
        maxBytes: limits.tokenResponseBytes,
      },
      signal,
    )
    if ([400, 401, 403, 404].includes(response.status)) throw new HubLoginError()
    checkStatus(response, hubApi)
    return readLogin(response)
  }

  return {
    token(identity, rejected, signal) {
      const key = JSON.stringify(['docker-hub', apiUrl, identity.account])
      return tokens.obtain({ key, rejected, urgency, ask: inner => login(identity, inner) }, signal)
    },
  }
}

// "This expires in 10 minutes" (Docker Hub's API, AuthCreateTokenResponse), where the token itself does not say.
const tokenLife = 600_000

function readLogin(response: RegistryResponse): Token {
  const body = parseJson(response)
  const token = isJsonObject(body) ? body['access_token'] : undefined
  if (!isHeaderToken(token)) throw invalidResponse("Docker Hub's API sent no token")
  return { token, expiresIn: Math.min(jwtLifetime(token) ?? tokenLife, tokenLife) }
}
