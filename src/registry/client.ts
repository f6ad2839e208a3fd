import type { TagSource, TagSourceError } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import { tagListOf } from '../version/index.ts'
import { createAuthorizer } from './authorizer.ts'
import { withDeadline } from './deadline.ts'
import { RegistryFault, tagSourceError } from './fault.ts'
import { readRegistries, type Registry } from './registry.ts'
import { createSender } from './sender.ts'
import { createSession, type SessionParts } from './session.ts'
import { defaultLimits, type RegistryLimits, type RegistrySettings } from './settings.ts'
import { createTokenCache } from './token-cache.ts'
import { createTransport } from './transport.ts'
import { firstPage, walkTags } from './walk.ts'

/** What a registry client is made of; `now` gives epoch milliseconds. */
export interface RegistryClientOptions {
  /** The registries that may be contacted, and no others; of two with one host the later holds. */
  readonly registries: readonly RegistrySettings[]
  readonly userAgent: string
  readonly now: () => number
  readonly limits?: Partial<RegistryLimits>
}

/** Tags from OCI registries. */
export interface RegistryClient extends TagSource {
  /** Why a repository is not asked for, where that is known without asking: not allowed, or the registry said to wait. */
  refusal(repository: Repository): TagSourceError | undefined
  /** Stops what is under way and closes every connection. */
  close(): Promise<void>
}

/**
 * A client of the distribution API.
 * @throws RegistrySettingsError where the settings of a registry contradict themselves.
 */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const limits = { ...defaultLimits, ...options.limits }
  const registries = readRegistries(options.registries)
  const transport = createTransport(limits, options.userAgent)
  const sender = createSender(transport, { requestsPerOrigin: limits.requestsPerOrigin, now: options.now })
  const tokens = createTokenCache(options.now)
  const authorize = createAuthorizer({ sender, tokens, tokenAnswerBytes: limits.tokenAnswerBytes })
  const parts = { registries, sender, authorize, answerBytes: limits.answerBytes }
  const closing = new AbortController()

  return {
    async listTags(repository, signal) {
      try {
        const registry = allowed(registries, repository)
        const late = walkFault(`its tags were not listed within ${limits.walkTimeout / 1000} s`)
        const outer = [signal, closing.signal]
        const tags = await withDeadline({ milliseconds: limits.walkTimeout, late }, outer, inner =>
          list({ registry, repository: repository.repository, parts, limits }, inner),
        )
        return {
          kind: 'listed',
          tags: tagListOf(tags),
          slice: undefined,
          published: undefined,
          validator: undefined,
          shared: true,
        }
      } catch (error) {
        throw portError(error, repository, signal)
      }
    },
    refusal(repository) {
      const registry = registries.get(repository.registry)
      const fault = registry === undefined ? notAllowed(repository) : sender.coolDown(registry)
      return fault === undefined ? undefined : tagSourceError(fault, repository)
    },
    async close() {
      closing.abort(walkFault('the client was closed'))
      await transport.close()
    },
  }
}

interface Listing {
  readonly registry: Registry
  readonly repository: string
  readonly parts: SessionParts
  readonly limits: RegistryLimits
}

function list(
  { registry, repository, parts, limits }: Listing,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const session = createSession(registry, repository, parts)
  return walkTags(session, { first: firstPage(registry, repository), limits }, signal)
}

function allowed(registries: ReadonlyMap<string, Registry>, repository: Repository): Registry {
  const registry = registries.get(repository.registry)
  if (registry === undefined) throw notAllowed(repository)
  return registry
}

function notAllowed({ registry }: Repository): RegistryFault {
  return new RegistryFault('not-allowed', 'the configuration does not allow this registry', {
    next: `add ${registry} to registries, if you trust it`,
  })
}

function walkFault(why: string): RegistryFault {
  return new RegistryFault('unavailable', why, { next: 'it is asked again later' })
}

// Only what the port names leaves this folder; a mistake of ours stays what it is.
function portError(error: unknown, repository: Repository, signal: AbortSignal): unknown {
  if (error instanceof RegistryFault) return tagSourceError(error, repository)
  return signal.aborted ? tagSourceError(walkFault('the look-up was stopped'), repository) : error
}
