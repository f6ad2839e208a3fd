import { createBoundedMap } from '../async/index.ts'
import type { ManifestFacts, ManifestQuery, Platforms } from '../evaluation/index.ts'
import { createIdentities, type ConfiguredCredentials } from './auth/identities.ts'
import { createSession } from './auth/session.ts'
import type { TokenCache } from './auth/token-cache.ts'
import { createHubReader } from './docker-hub/docker-hub-reader.ts'
import type { DigestAsking } from './manifest/digest.ts'
import {
  countsPulls,
  digestOfManifest,
  isDigest,
  readManifest,
  sendForManifest,
} from './manifest/manifest.ts'
import { RegistryError } from './response/registry-error.ts'
import type { RegistryLimits } from './settings/settings.ts'

/** A query for a manifest, with the dependencies that answer it. */
export interface ManifestAsking extends DigestAsking {
  readonly query: ManifestQuery
  readonly limits: RegistryLimits
}

/**
 * Reads the facts of a manifest by digest; undefined if there is no such manifest.
 * @throws RegistryError where it cannot be read; the signal's reason where it is aborted.
 */
export type ManifestReader = (
  asking: ManifestAsking,
  signal: AbortSignal,
) => Promise<ManifestFacts | undefined>

/** The dependencies of a manifest reader. */
export interface ManifestReaderParts {
  readonly tokens: TokenCache
  readonly configured: ConfiguredCredentials
}

/**
 * Creates a reader that sends one GET for each manifest. Where a GET would count as a pull, it asks Docker Hub's own API, which
 * has the platforms of each tag and no annotations.
 */
export function createManifestReader(parts: ManifestReaderParts): ManifestReader {
  const known = createBoundedMap<ManifestFacts>(mostKnown)
  return async (asking, signal) => {
    const { registry, query } = asking
    const remembered = known.get(query.digest)
    if (remembered !== undefined) return remembered
    const manifest = countsPulls(registry)
      ? { platforms: await byHubApi(asking, parts, signal), source: undefined }
      : await byManifest(asking, signal)
    if (manifest !== undefined && manifest.platforms !== 'untold') known.set(query.digest, manifest)
    return manifest
  }
}

async function byManifest(
  { registry, query, parts }: ManifestAsking,
  signal: AbortSignal,
): Promise<ManifestFacts | undefined> {
  const session = createSession(registry, query, parts)
  const place = { registry, repository: query.repository, session }
  const response = await sendForManifest(place, { method: 'GET', reference: query.digest }, signal)
  if (response.status === 404) return undefined
  digestOfManifest(response, query.digest)
  return readManifest(response.body)
}

// A firewall that lets only the registry pass, or an outage of the site, keeps no warning back. What asked to wait is
// asked again later.
async function byHubApi(
  { registry, query, parts, limits }: ManifestAsking,
  { tokens, configured }: ManifestReaderParts,
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
