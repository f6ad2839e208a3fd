import { isJsonObject } from '../../json/index.ts'
import { createTokenCache } from '../auth/token-cache.ts'
import { isHeaderToken, jwtLifetime, type Token } from '../auth/token-server.ts'
import { invalidResponse, RegistryError } from '../response/registry-error.ts'
import { checkStatus, parseJson, type RegistryResponse } from '../response/response.ts'
import { readRegistry, type Registry } from '../settings/registry.ts'
import {
  RegistrySettingsError,
  type CredentialProvider,
  type RegistrySettings,
} from '../settings/settings.ts'
import type { Send } from '../transport/send.ts'

/** The dependencies of cloud providers; `now` in epoch milliseconds. */
export interface CloudParts {
  readonly send: Send
  readonly now: () => number
  /** The most bytes of a response. */
  readonly maxBytes: number
}

// A listing that begins with a token must end with it, and clocks differ.
const margin = 60_000

/** Creates a provider of credentials whose password is a token. The token is cached until shortly before it expires. */
export function heldCredentials(
  { username, now }: { readonly username: string; readonly now: () => number },
  ask: (signal: AbortSignal) => Promise<Token>,
): CredentialProvider {
  const tokens = createTokenCache(now)
  const wanted = {
    key: '',
    rejected: undefined,
    urgency: 'admission',
    async ask(signal: AbortSignal): Promise<Token> {
      const { token, expiresIn } = await ask(signal)
      return { token, expiresIn: expiresIn - margin }
    },
  } as const
  return {
    async credentials(signal) {
      const { token } = await tokens.obtain(wanted, signal)
      return { username, password: token }
    },
  }
}

/** A host of a cloud, which the choice of the provider allows to contact. */
export function cloudHost(settings: RegistrySettings): Registry {
  return readRegistry(settings, () => {
    throw new RegistrySettingsError(settings.host, 'a host of a cloud has no credentials of its own')
  })
}

/** One request to a cloud. */
export interface CloudRequest {
  readonly registry: Registry
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST. */
  readonly form?: Readonly<Record<string, string>>
}

/** Sends a request to a cloud, before the refreshes: a look-up waits for the credentials. */
export function sendToCloud(
  { send, maxBytes }: CloudParts,
  { registry, path, headers = {}, form }: CloudRequest,
  signal: AbortSignal,
): Promise<RegistryResponse> {
  const url = new URL(path, registry.origin)
  const common = { registry, url, authorization: undefined, urgency: 'admission', maxBytes } as const
  if (form === undefined) return send({ ...common, headers }, signal)
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(form).toString()
  return send({ ...common, method: 'POST', headers: { ...headers, ...type }, body }, signal)
}

/**
 * The token in a response with status 200, under the name that it has there; `expires_in` says how long it lives, or else the
 * token itself, or else `life` (milliseconds).
 * @throws RegistryError where there is none.
 */
export function tokenOf(response: RegistryResponse, name: string, life: number): Token {
  const body = parseJson(response)
  const token = isJsonObject(body) ? body[name] : undefined
  if (!isJsonObject(body) || !isHeaderToken(token))
    throw invalidResponse(`${response.url.host} sent no ${name}`)
  const seconds = Number(body['expires_in'])
  return { token, expiresIn: seconds > 0 ? seconds * 1000 : (jwtLifetime(token) ?? life) }
}

/** The reason that a cloud's response gives for its refusal: a word or a code, never its whole text. */
export function reasonOf(response: RegistryResponse): string {
  const text = response.body.toString()
  const code = /AADSTS\d{4,7}/.exec(text)?.[0]
  const word = /"(?:error|code)"\s*:\s*"([A-Za-z_]{1,40})"/.exec(text)?.[1]
  return [response.status, word, code].filter(each => each !== undefined).join(' ')
}

/** The error of a cloud that gave no credentials. */
export function noCredentials(why: string, next: string): RegistryError {
  return new RegistryError('unauthorized', `there are no credentials: ${why}`, { next })
}

/**
 * Lets a response of a cloud with status 200 pass.
 * @throws RegistryError; for a refusal (4xx) the one that `refused` makes of its reason.
 */
export function checkCloudStatus(
  response: RegistryResponse,
  refused: (reason: string) => RegistryError,
): void {
  checkStatus(response, `there are no credentials: ${response.url.host}`, () => refused(reasonOf(response)))
}
