import type { TagQuery } from '../../../src/evaluation/index.ts'
import { createAuthorizer } from '../../../src/registry/auth/authorizer.ts'
import { createTokenCache } from '../../../src/registry/auth/token-cache.ts'
import type { Listing } from '../../../src/registry/listing/lister.ts'
import type { Registry } from '../../../src/registry/settings/registry.ts'
import { defaultRegistryLimits, type RegistryLimits } from '../../../src/registry/settings/settings.ts'

import type { Send } from '../../../src/registry/transport/send.ts'

/** A query with all that answering it takes. */
export function listingOf(
  send: Send,
  registry: Registry,
  { limits = {}, ...query }: Omit<TagQuery, 'registry'> & { readonly limits?: Partial<RegistryLimits> },
): Listing {
  const { tokenResponseBytes } = defaultRegistryLimits
  const authorize = createAuthorizer({ send, tokens: createTokenCache(Date.now), tokenResponseBytes })
  return {
    registry,
    query: { registry: registry.host, ...query },
    parts: { registries: [registry], send, authorize },
    limits: { ...defaultRegistryLimits, ...limits },
  }
}
