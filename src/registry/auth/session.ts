import type { PullCredentials, Turn } from '../../evaluation/index.ts'
import type { Broker } from '../broker/broker.ts'
import { invalidResponse } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { Authorizer } from './authorizer.ts'
import { createNegotiation } from './negotiation.ts'
import { redirectOf, type Target } from './redirect.ts'
import { checkRegistryStatus, isRefusal } from './status.ts'

/** What a session works with. */
export interface SessionParts {
  readonly registries: ReadonlyMap<string, Registry>
  readonly sender: Broker
  readonly authorize: Authorizer
  readonly responseBytes: number
}

/** What a session is about: a query, as far as it matters here. */
export interface SessionSubject extends Turn {
  readonly repository: string
  /** In the order in which they are tried; what the configuration has comes after them. */
  readonly credentials?: readonly PullCredentials[] | undefined
}

/** What is asked for. */
export interface Page extends Target {
  /** `GET` if not given. */
  readonly method?: 'GET' | 'HEAD'
  /** Never a secret. With `if-none-match` an answer may be 304. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether an answer may be 404. */
  readonly missingOk?: boolean
}

/** An answer, and whose it is: after a redirect the next page lies where that led. */
export interface Sent {
  readonly response: RegistryResponse
  readonly registry: Registry
}

/** Asks for things of one repository: follows redirects, answers challenges, and remembers how the registry wants to be asked. */
export interface Session {
  /** @throws RegistryFault unless the answer has status 200, or 304 or 404 where the page lets it. */
  send(page: Page, signal: AbortSignal): Promise<Sent>
  /** The credentials of the query that the registry took; undefined: the configuration's or none. */
  accepted(): PullCredentials | undefined
}

// One from http to https or to a region, one for a moved path, one to spare.
const mostRedirects = 3

/** A session with one repository. */
export function createSession(registry: Registry, subject: SessionSubject, parts: SessionParts): Session {
  const asker = createAsker(registry, subject, parts)
  const registries = [...parts.registries.values()]

  async function send(page: Page, signal: AbortSignal): Promise<Sent> {
    const passing = { unchanged: isConditional(page), missing: page.missingOk === true }
    let target = page
    for (let followed = 0; followed <= mostRedirects; followed++) {
      const response = await asker.ask(target, signal)
      const next = redirectOf(response, target.registry, registries)
      if (next === undefined) {
        checkRegistryStatus(response, passing)
        return { response, registry: target.registry }
      }
      target = { ...page, ...next }
    }
    throw invalidResponse(`it redirects more than ${mostRedirects} times`)
  }

  return { send, accepted: () => asker.accepted() }
}

function isConditional({ headers = {} }: Page): boolean {
  return Object.keys(headers).some(name => name.toLowerCase() === 'if-none-match')
}

interface Asker {
  ask(page: Page, signal: AbortSignal): Promise<RegistryResponse>
  accepted(): PullCredentials | undefined
}

function createAsker(registry: Registry, subject: SessionSubject, parts: SessionParts): Asker {
  const { repository, credentials = [], urgency = 'refresh', namespace } = subject
  const turn = { repository, urgency, namespace }
  const negotiation = createNegotiation({ ...turn, registry, credentials }, parts.authorize)
  const common = { ...turn, maxBytes: parts.responseBytes }
  return {
    accepted: () => negotiation.accepted(),
    async ask(page, signal) {
      // Only the registry's own origin ever sees an Authorization header.
      if (page.url.origin !== registry.origin)
        return parts.sender.send({ ...common, ...page, foreign: true, authorization: undefined }, signal)
      for (let attempt = await negotiation.attempt(signal); ;) {
        const account = attempt?.identity.account ?? ''
        const response = await parts.sender.send(
          { ...common, ...page, account, authorization: attempt?.value },
          signal,
        )
        if (!isRefusal(response)) {
          negotiation.succeeded(attempt, response)
          return response
        }
        attempt = await negotiation.afterRefusal({ attempt, response }, signal)
      }
    },
  }
}
