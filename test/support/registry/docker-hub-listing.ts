import type { TagQuery } from '../../../src/evaluation/index.ts'
import { createAuthorizer } from '../../../src/registry/auth/authorizer.ts'
import { createTokenCache } from '../../../src/registry/auth/token-cache.ts'
import type { Listing } from '../../../src/registry/listing/lister.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'
import type { Registry } from '../../../src/registry/settings/registry.ts'
import {
  defaultLimits,
  type RegistryLimits,
  type RegistrySettings,
} from '../../../src/registry/settings/settings.ts'

import type { Send } from '../../../src/registry/transport/send.ts'

/** The one registry of some settings. */
export function registryOf(settings: RegistrySettings): Registry {
  const [registry] = createRegistries([settings]).all
  if (registry === undefined) throw new Error('no registry')
  return registry
}

/** A query with all that answering it takes. */
export function listingOf(
  send: Send,
  registry: Registry,
  { limits = {}, ...query }: Omit<TagQuery, 'registry'> & { readonly limits?: Partial<RegistryLimits> },
): Listing {
  const { tokenResponseBytes } = defaultLimits
  const authorize = createAuthorizer({ send, tokens: createTokenCache(Date.now), tokenResponseBytes })
  return {
    registry,
    query: { registry: registry.host, ...query },
    parts: { registries: [registry], send, authorize },
    limits: { ...defaultLimits, ...limits },
  }
}
