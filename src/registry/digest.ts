import type { DigestQuery, TagDigest } from '../evaluation/index.ts'
import { headerOf, type Answer } from './answer.ts'
import { invalidAnswer, RegistryFault } from './fault.ts'
import { acceptedManifests, digestLike, isDigest, isSingleImage, platformsIn } from './manifest.ts'
import type { Registry } from './registry.ts'
import { createSession, type Session, type SessionParts } from './session.ts'

/** One query with all that answering it takes. */
export interface DigestAsking {
  readonly registry: Registry
  /** Its registry and repository are where the tag really is: aliases are resolved. */
  readonly query: DigestQuery
  readonly parts: SessionParts
}

/**
 * What a tag stands for; undefined where there is no such tag.
 * @throws RegistryFault where that cannot be had; the signal's reason where it is aborted.
 */
export type DigestReader = (asking: DigestAsking, signal: AbortSignal) => Promise<TagDigest | undefined>

type Platforms = ReadonlyMap<string, string> | undefined

/** Reads digests by HEAD, and an index by its digest once. */
export function createDigestReader(): DigestReader {
  const known = createPlatformMemory()
  const heads = createHeadMemory()
  return async ({ registry, query, parts }, signal) => {
    if (!/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(query.tag)) return undefined // no registry can have it
    const session = createSession(registry, query, parts)
    const reading = { registry, repository: query.repository, session, heads }
    const manifest = (await byHead(reading, query.tag, signal)) ?? (await byGet(reading, query.tag, signal))
    if (manifest === 'missing') return undefined
    const { digest } = manifest
    if (query.platforms !== true || manifest.isImage || countsPulls(registry))
      return { digest, platforms: undefined }
    const platforms = known.has(digest) ? known.get(digest) : await readPlatforms(reading, manifest, signal)
    known.set(digest, platforms)
    return { digest, platforms }
  }
}

interface Reading {
  readonly registry: Registry
  readonly repository: string
  readonly session: Session
  readonly heads: HeadMemory
}

interface Manifest {
  readonly digest: string
  /** Known to be for a single platform. */
  readonly isImage: boolean
  readonly body: Buffer | undefined
}

// What is behind the tag as far as HEAD tells it; undefined where it does not and GET may be tried.
async function byHead(
  reading: Reading,
  tag: string,
  signal: AbortSignal,
): Promise<Manifest | 'missing' | undefined> {
  const { registry, heads } = reading
  try {
    const answer = await send(reading, { method: 'HEAD', reference: tag }, signal)
    if (answer.status === 404) return countsPulls(registry) || heads.hasFound(reading) ? 'missing' : undefined
    heads.found(reading)
    const digest = headerOf(answer, 'docker-content-digest')
    if (isDigest(digest))
      return { digest, isImage: isSingleImage(headerOf(answer, 'content-type')), body: undefined }
  } catch (error) {
    // Such as 405: somebody who does not know HEAD.
    const isRefused = error instanceof RegistryFault && error.code === 'invalid-answer'
    if (!isRefused || countsPulls(registry)) throw error
  }
  if (countsPulls(registry)) throw invalidAnswer('its answer to HEAD has no digest, and GET would be a pull')
  return undefined
}

async function byGet(
  reading: Reading,
  reference: string,
  signal: AbortSignal,
): Promise<Manifest | 'missing'> {
  const answer = await send(reading, { method: 'GET', reference }, signal)
  if (answer.status === 404) return 'missing'
  const { body } = answer
  if (body.length > largestManifest)
    throw invalidAnswer(`its manifest is larger than ${largestManifest} bytes`)
  const named = isDigest(reference) ? reference : headerOf(answer, 'docker-content-digest')
  const digest = digestLike(named ?? 'sha256:', body)
  if (isDigest(named) && named !== digest) throw invalidAnswer('its manifest is not the one of its digest')
  return { digest, isImage: isSingleImage(headerOf(answer, 'content-type')), body }
}

async function readPlatforms(reading: Reading, manifest: Manifest, signal: AbortSignal): Promise<Platforms> {
  const body = manifest.body ?? (await bodyOf(reading, manifest.digest, signal))
  return body === undefined ? undefined : platformsIn(body)
}

async function bodyOf(reading: Reading, digest: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const manifest = await byGet(reading, digest, signal)
  return manifest === 'missing' ? undefined : manifest.body
}

async function send(
  { registry, repository, session }: Reading,
  { method, reference }: { readonly method: 'GET' | 'HEAD'; readonly reference: string },
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(`/v2/${repository}/manifests/${reference}`, registry.origin)
  const headers = { accept: acceptedManifests }
  const { answer } = await session.send({ registry, url, method, headers, missingOk: true }, signal)
  return answer
}

// Registries must take manifests of 4 MiB, and most take no larger ones (distribution specification, "Pushing Manifests").
const largestManifest = 4 * 1024 * 1024

// Docker Hub counts every GET of a manifest against what an address or an account may pull; HEAD is free.
function countsPulls({ kind, origin }: Registry): boolean {
  return kind === 'docker-hub' || /(?:^|\.)docker\.io$/.test(new URL(origin).hostname)
}

/** In which repositories HEAD has found a tag: only there its 404 is believed, for some registries answer it with nothing else. */
interface HeadMemory {
  hasFound(reading: Pick<Reading, 'registry' | 'repository'>): boolean
  found(reading: Pick<Reading, 'registry' | 'repository'>): void
}

// More repositories than a large cluster uses; in one that is forgotten a missing tag costs a GET, which is no pull.
const mostFound = 10_000

function createHeadMemory(): HeadMemory {
  const found = new Set<string>()
  return {
    hasFound: ({ registry, repository }) => found.has(`${registry.name} ${repository}`),
    found({ registry, repository }) {
      found.add(`${registry.name} ${repository}`)
      const [oldest] = found
      if (found.size > mostFound && oldest !== undefined) found.delete(oldest)
    },
  }
}

// A digest always stands for the same bytes, so what is known of one holds for ever. A dozen platforms are about a KiB.
const mostKnown = 1_000

function createPlatformMemory(): {
  has(digest: string): boolean
  get(digest: string): Platforms
  set(digest: string, platforms: Platforms): void
} {
  const known = new Map<string, Platforms>()
  return {
    has: digest => known.has(digest),
    get: digest => known.get(digest),
    set(digest, platforms) {
      known.delete(digest)
      known.set(digest, platforms)
      const [oldest] = known.keys()
      if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
    },
  }
}
