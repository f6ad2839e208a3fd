import { LRUCache } from 'lru-cache'

import type { Access, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { Keyring } from './keyring.ts'

// More images than a namespace runs; what somebody makes up beyond that is looked up anew.
const mostRepositories = 1_000

/** An access that looks into several keyrings, one after the other. */
export function createAccess(
  namespace: string,
  keyrings: readonly Keyring[],
  problems: readonly string[],
): Access {
  const found = new LRUCache<string, readonly PullCredentials[]>({ max: mostRepositories })
  return {
    namespace,
    problems,
    credentialsFor({ registry, repository }: Repository) {
      const key = `${registry}/${repository}`
      const known = found.get(key)
      if (known !== undefined) return known
      const credentials = keyrings.flatMap(keyring => keyring({ registry, repository }))
      found.set(key, credentials)
      return credentials
    },
  }
}
