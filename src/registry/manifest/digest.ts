import { createBoundedMap } from '../../async/index.ts'
import type { DigestQuery, TagDigest } from '../../evaluation/index.ts'
import { isTag } from '../../image/index.ts'
import { createSession, type Session, type SessionParts } from '../auth/session.ts'
import { invalidResponse, RegistryError } from '../response/registry-error.ts'
import { headerOf } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import { countsPulls, digestOfManifest, isDigest, sendForManifest } from './manifest.ts'

/** A query for a digest, with the dependencies that answer it. */
export interface DigestAsking {
  readonly registry: Registry
  /** Its registry and repository are where the tag really is: aliases are resolved. */
  readonly query: DigestQuery
  readonly parts: SessionParts
}

/**
 * Reads the digest of a tag; undefined if there is no such tag.
 * @throws RegistryError where it cannot be read; the signal's reason where it is aborted.
 */
export type DigestReader = (asking: DigestAsking, signal: AbortSignal) => Promise<TagDigest | undefined>

/** Creates a reader that asks with HEAD, and with GET where HEAD gives no digest. */
export function createDigestReader(): DigestReader {
  const heads = createWorkingHeads()
  return async ({ registry, query, parts }, signal) => {
    if (!isTag(query.tag)) return undefined // no registry can have it
    const session = createSession(registry, query, parts)
    const reading = { registry, repository: query.repository, session, heads }
    const { digest } = (await byHead(reading, query.tag, signal)) ?? (await byGet(reading, query.tag, signal))
    return digest === undefined ? undefined : { digest, platforms: undefined }
  }
}

interface Reading {
  readonly registry: Registry
  readonly repository: string
  readonly session: Session
  readonly heads: WorkingHeads
}

/** The answer of a registry about a tag: its digest, or undefined if there is no such tag. */
interface Found {
  readonly digest: string | undefined
}

const missing: Found = { digest: undefined }

// The answer to HEAD; undefined if it has no digest and GET may be tried.
async function byHead(reading: Reading, tag: string, signal: AbortSignal): Promise<Found | undefined> {
  const { registry, heads } = reading
  try {
    const response = await sendForManifest(reading, { method: 'HEAD', reference: tag }, signal)
    if (response.status === 404) return countsPulls(registry) || heads.includes(reading) ? missing : undefined
    heads.add(reading)
    const digest = headerOf(response, 'docker-content-digest')
    if (isDigest(digest)) return { digest }
  } catch (error) {
    // Such as 405: a registry that does not support HEAD.
    const isRefused = error instanceof RegistryError && error.code === 'invalid-answer'
    if (!isRefused || countsPulls(registry)) throw error
  }
  if (countsPulls(registry))
    throw invalidResponse('its answer to HEAD has no digest, and GET would be a pull')
  return undefined
}

async function byGet(reading: Reading, tag: string, signal: AbortSignal): Promise<Found> {
  const response = await sendForManifest(reading, { method: 'GET', reference: tag }, signal)
  return response.status === 404 ? missing : { digest: digestOfManifest(response, undefined) }
}

/** The repositories in which HEAD has found a tag: only there is its 404 believed, because some registries answer it with nothing else. */
interface WorkingHeads {
  includes(reading: Pick<Reading, 'registry' | 'repository'>): boolean
  add(reading: Pick<Reading, 'registry' | 'repository'>): void
}

// More repositories than a large cluster uses; in one that is forgotten a missing tag costs a GET, which is no pull.
const mostRepositories = 10_000

function createWorkingHeads(): WorkingHeads {
  const found = createBoundedMap<true>(mostRepositories)
  return {
    includes: ({ registry, repository }) => found.has(`${registry.name} ${repository}`),
    add: ({ registry, repository }) => void found.set(`${registry.name} ${repository}`, true),
  }
}
