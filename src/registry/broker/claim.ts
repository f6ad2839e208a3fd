import { shown } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryRequest } from '../transport/send.ts'

/** What is asked for. A host counts these apart: Docker Hub sends its count of pulls with manifests only, and tag lists are free. */
export type Purpose = 'tags' | 'manifest' | 'token'

/** What a request takes from the limits of its host. */
export interface Claim {
  /** Whose budget it takes from; empty for a request without credentials. */
  readonly account: string
  /** Empty for a request about none. */
  readonly repository: string
  readonly purpose: Purpose
  /** How messages call the host: `the registry`. */
  readonly subject: string
  /** Whether it may take from the reserve: an admission waits for it, or it has cost requests that would be lost. */
  readonly mayUseReserve: boolean
}

/** How messages call a registry itself. */
export const ownSubject = 'the registry'

/** The claim of a request; `isBegun` if another request of the same look-up has its response already. */
export function claimOf(request: RegistryRequest, isBegun = false): Claim {
  const { account = '', repository = '', registry, url, urgency = 'refresh' } = request
  const mayUseReserve = isBegun || urgency !== 'refresh'
  return { account, repository, purpose: purposeOf(url), subject: subjectOf(registry, url), mayUseReserve }
}

function subjectOf(registry: Registry, url: URL): string {
  if (url.origin === registry.origin) return ownSubject
  return url.host === registry.tokenHost ? 'its token server' : shown(url.host)
}

function purposeOf({ pathname }: URL): Purpose {
  if (pathname.includes('/manifests/')) return 'manifest'
  return /token|auth|login/.test(pathname) && !/\/tags(?:\/|$)/.test(pathname) ? 'token' : 'tags'
}
