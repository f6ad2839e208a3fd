import type { PullCredentials, Turn } from '../../evaluation/index.ts'
import { invalidResponse, RegistryError, shown } from '../response/registry-error.ts'
import { headerOf, type RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { Send } from '../transport/send.ts'
import type { Authorizer } from './authorizer.ts'
import { createNegotiation, withAuthorization } from './negotiation.ts'

/** The dependencies of a session. */
export interface SessionParts {
  readonly registries: readonly Registry[]
  readonly send: Send
  readonly authorize: Authorizer
}

/** The subject of a session: the repository, the credentials and the priority of a query. */
export interface SessionSubject extends Turn {
  readonly repository: string
  /** In the order in which they are tried; what the configuration has comes after them. */
  readonly credentials?: readonly PullCredentials[] | undefined
}

/** Requests about one repository: redirects are followed, challenges answered, and what the registry accepted is remembered. */
export interface Session {
  /** @throws RegistryError also where no credentials are accepted, or a redirect leads to where nothing may be asked. */
  readonly send: Send
  /** The credentials of the query that the registry accepted; undefined: the configuration's or none. */
  accepted(): PullCredentials | undefined
}

/** Creates a session for one repository of a registry. */
export function createSession(registry: Registry, subject: SessionSubject, parts: SessionParts): Session {
  const { repository, credentials = [], urgency = 'refresh', namespace } = subject
  const turn = { repository, urgency, namespace }
  const negotiation = createNegotiation({ ...turn, registry, credentials }, parts.authorize)
  const authorized = withAuthorization(parts.send, { origin: registry.origin, negotiation })
  const send = withRedirects(authorized, parts.registries)
  return {
    send: (request, signal) => send({ ...turn, ...request }, signal),
    accepted: () => negotiation.accepted(),
  }
}

/** The target of a redirect, and the registry whose settings apply there. */
export interface RedirectTarget {
  readonly registry: Registry
  readonly url: URL
  /** Another origin than that of the registry which was asked: nothing by which it could know us is sent there. */
  readonly foreign?: boolean
}

// One from http to https or to a region, one for a moved path, one to spare.
const mostRedirects = 3

/** Wraps the send of a session so that redirects are followed; later requests to the same origin use the settings found there. */
export function withRedirects(send: Send, registries: readonly Registry[]): Send {
  const owners = new Map<string, Registry>() // by origin
  return async (request, signal) => {
    let target = { ...request, registry: owners.get(request.url.origin) ?? request.registry }
    for (let followed = 0; followed <= mostRedirects; followed++) {
      const response = await send(target, signal)
      const next = redirectOf(response, target.registry, registries)
      if (next === undefined) return response
      owners.set(next.url.origin, next.registry)
      target = { ...request, ...next }
    }
    throw invalidResponse(`it redirects more than ${mostRedirects} times`)
  }
}

const redirects = new Set([301, 302, 303, 307, 308])

/**
 * The target of a redirect: the same origin, or another allowed one over https. Undefined if the response does not redirect.
 * @throws RegistryError for any other target.
 */
export function redirectOf(
  response: RegistryResponse,
  from: Registry,
  registries: Iterable<Registry>,
): RedirectTarget | undefined {
  if (!redirects.has(response.status)) return undefined
  const url = locationOf(response)
  if (url.origin === response.url.origin) return { registry: from, url }
  if (url.protocol !== 'https:')
    throw invalidResponse(`it redirects to ${shown(url.origin)}, which is not https`)
  const registry = ownerOf(url, from, registries)
  if (registry !== undefined) return { registry, url, foreign: true }
  throw new RegistryError('invalid-answer', `it redirects to ${shown(url.host)}, which is not allowed`, {
    next: 'if that is a registry of yours, add it to registries',
  })
}

function ownerOf(url: URL, from: Registry, registries: Iterable<Registry>): Registry | undefined {
  for (const registry of registries) if (registry.origin === url.origin) return registry
  const isListed = from.redirectSuffix !== undefined && url.host.endsWith(from.redirectSuffix)
  return isListed ? from : undefined
}

function locationOf(response: RegistryResponse): URL {
  const location = headerOf(response, 'location')
  const url = location === undefined ? null : URL.parse(location, response.url.href)
  if (url === null || url.username !== '' || url.password !== '')
    throw invalidResponse('it redirects without a proper address')
  url.hash = ''
  return url
}
