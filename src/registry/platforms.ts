import type { Platforms, PlatformsQuery } from '../evaluation/index.ts'
import { createIdentities, type ConfiguredCredentials } from './auth/identities.ts'
import { createSession } from './auth/session.ts'
import type { TokenCache } from './auth/token-cache.ts'
import { createHubReader } from './docker-hub/docker-hub-reader.ts'
import type { DigestAsking } from './manifest/digest.ts'
import { countsPulls, digestOfManifest, sendForManifest } from './manifest/manifest-request.ts'
import { isDigest, platformsIn } from './manifest/manifest.ts'
import { RegistryError } from './response/registry-error.ts'
import type { RegistryLimits } from './settings/settings.ts'

/** One query with all that answering it takes. */
export interface PlatformsAsking extends DigestAsking {
  readonly query: PlatformsQuery
  readonly limits: RegistryLimits
}

/**
 * For which platforms the manifest of a digest is; undefined where there is no such manifest.
 * @throws RegistryError where that cannot be had; the signal's reason where it is aborted.
 */
export type PlatformReader = (asking: PlatformsAsking, signal: AbortSignal) => Promise<Platforms | undefined>

/** What a reader of platforms is made of. */
export interface PlatformReaderParts {
  readonly tokens: TokenCache
  readonly configured: ConfiguredCredentials
}

/** Reads platforms by one GET of the manifest; where that would be a pull, from Docker Hub's own API, which tells them of each tag. */
export function createPlatformReader(parts: PlatformReaderParts): PlatformReader {
  const known = createPlatformMemory()
  return async (asking, signal) => {
    const { registry, query } = asking
    const remembered = known.get(query.digest)
    if (remembered !== undefined) return remembered
    const platforms = countsPulls(registry)
      ? await byHubApi(asking, parts, signal)
      : await byManifest(asking, signal)
    if (platforms !== undefined && platforms !== 'untold') known.set(query.digest, platforms)
    return platforms
  }
}

async function byManifest(
  { registry, query, parts }: PlatformsAsking,
  signal: AbortSignal,
): Promise<Platforms | undefined> {
  const session = createSession(registry, query, parts)
  const place = { registry, repository: query.repository, session }
  const response = await sendForManifest(place, { method: 'GET', reference: query.digest }, signal)
  if (response.status === 404) return undefined
  digestOfManifest(response, query.digest)
  return platformsIn(response.body)
}

// A firewall that lets only the registry pass, or an outage of the site, keeps no warning back. What asked to wait is
// asked again later.
async function byHubApi(
  { registry, query, parts, limits }: PlatformsAsking,
  { tokens, configured }: PlatformReaderParts,
  signal: AbortSignal,
): Promise<Platforms> {
  const { apiUrl } = registry
  if (apiUrl === undefined) return 'untold'
  const { tag, digest, ...subject } = query
  const identities = createIdentities(registry, { credentials: [], ...subject }, configured)
  const reader = createHubReader({ registry, query: subject, parts, limits }, { tokens, identities, apiUrl })
  try {
    const told = await reader.platforms(tag, signal)
    // The API may speak of what the tag was before, from a cache.
    const isOther = isDigest(told?.digest) && told.digest !== digest
    return told === undefined || isOther ? 'untold' : told.platforms
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RegistryError) || error.code === 'rate-limited') throw error
    return 'untold'
  }
}

// A digest always stands for the same bytes, so what is known of one holds for ever. A dozen platforms are about a KiB.
const mostKnown = 1_000

function createPlatformMemory(): {
  get(digest: string): Platforms | undefined
  set(digest: string, platforms: Platforms): void
} {
  const known = new Map<string, Platforms>()
  return {
    get: digest => known.get(digest),
    set(digest, platforms) {
      known.delete(digest)
      known.set(digest, platforms)
      const [oldest] = known.keys()
      if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
    },
  }
}
