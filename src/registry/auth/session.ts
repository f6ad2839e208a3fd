import type { PullCredentials, Turn } from '../../evaluation/index.ts'
import type { Registry } from '../settings/registry.ts'
import type { Send } from '../transport/send.ts'
import type { Authorizer } from './authorizer.ts'
import { createNegotiation, withAuthorization } from './negotiation.ts'
import { withRedirects } from './redirect.ts'

/** What a session works with. */
export interface SessionParts {
  readonly registries: readonly Registry[]
  readonly send: Send
  readonly authorize: Authorizer
}

/** What a session is about: a query, as far as it matters here. */
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
