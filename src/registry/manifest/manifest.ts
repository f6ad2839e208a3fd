import { createHash } from 'node:crypto'
import type { ManifestFacts, Platforms } from '../../evaluation/index.ts'
import { sourceUrl } from '../../image/index.ts'
import { at, isJsonObject, itemsOf, type JsonObject } from '../../json/index.ts'
import type { Session } from '../auth/session.ts'
import { checkRegistryStatus } from '../auth/status.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { headerOf, parseJson, type RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const imageTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

const configTypes = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]

/** The `Accept` header of manifests. Without it a registry may answer with schema 1, which has another digest. */
export const acceptedManifests = [...indexTypes, ...imageTypes].join(', ')

/** Whether a text is a digest of an algorithm that can be checked. */
export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text)
}

/** The digest of some bytes, by the algorithm of another one. */
export function digestLike(wanted: string, bytes: Uint8Array): string {
  const algorithm = wanted.startsWith('sha512:') ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

// Images have a dozen platforms. What is kept of an index must have a bound, whatever a registry says.
/** How many platforms of one manifest are kept. */
export const mostPlatforms = 64

/**
 * Reads the facts of a manifest: its platforms, and the address of its project.
 * @throws RegistryError where it is not readable.
 */
export function readManifest(bytes: Buffer): ManifestFacts {
  const manifest = parseJson({ body: bytes })
  if (!isJsonObject(manifest)) throw invalidResponse('its manifest is not a JSON object')
  return { platforms: platformsIn(manifest), source: sourceIn(manifest) }
}

/*
 * For which platforms a manifest is. Of an index the digests by platform (`linux/arm64/v8`), without those for none (attestations
 * are `unknown/unknown`); of several for one platform (Windows has one for each of its versions) the first. Helm charts, signatures
 * and other artefacts have the manifest of an image, but another configuration, or say of what type they are.
 */
function platformsIn({ mediaType, artifactType, manifests, config }: JsonObject): Platforms {
  const isKnown = mediaType === undefined || [...indexTypes, ...imageTypes].some(type => type === mediaType)
  if (!isKnown || artifactType !== undefined) return 'none'
  if (Array.isArray(manifests)) return platformsOfIndex(manifests)
  const type = isJsonObject(config) ? config['mediaType'] : undefined
  return type === undefined || configTypes.some(known => known === type) ? 'one' : 'none'
}

function platformsOfIndex(entries: readonly unknown[]): Platforms {
  const platforms = new Map<string, string>()
  for (const entry of entries) {
    const platform = isJsonObject(entry) ? platformOf(entry['platform']) : undefined
    if (platform === undefined || platforms.has(platform) || platforms.size === mostPlatforms) continue
    if (isJsonObject(entry) && isDigest(entry['digest'])) platforms.set(platform, entry['digest'])
  }
  return platforms
}

// The same text stands as a label in the configuration, but that is a blob: most registries serve blobs from another host.
const sourceKey = 'org.opencontainers.image.source'

// That of the index itself, or else of the first of its entries that has one.
function sourceIn(manifest: JsonObject): string | undefined {
  for (const described of [manifest, ...itemsOf(manifest['manifests'])]) {
    const source = sourceUrl(at(described, ['annotations', sourceKey]))
    if (source !== undefined) return source
  }
  return undefined
}

/** Formats a platform as `linux/arm64/v8`; undefined if the value is not one, or is `unknown`. */
export function platformOf(platform: unknown): string | undefined {
  if (!isJsonObject(platform)) return undefined
  const { os, architecture, variant } = platform
  if (!isPart(os) || !isPart(architecture) || os === 'unknown' || architecture === 'unknown') return undefined
  return isPart(variant) ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

function isPart(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z0-9][a-z0-9._-]{0,31}$/i.test(text)
}

/** The repository of a manifest, and the session that requests it. */
export interface ManifestPlace {
  readonly registry: Registry
  readonly repository: string
  readonly session: Session
}

/** Requests a manifest by tag or digest; the response has status 200 or 404. */
export async function sendForManifest(
  { registry, repository, session }: ManifestPlace,
  { method, reference }: { readonly method: 'GET' | 'HEAD'; readonly reference: string },
  signal: AbortSignal,
): Promise<RegistryResponse> {
  const url = new URL(`/v2/${repository}/manifests/${reference}`, registry.origin)
  const headers = { accept: acceptedManifests }
  const response = await session.send({ registry, url, method, headers }, signal)
  checkRegistryStatus(response, 200, 404)
  return response
}

/**
 * The digest of a manifest that came by GET.
 * @throws RegistryError where it is another one than was asked for, or than the answer says, and where it is too large.
 */
export function digestOfManifest(response: RegistryResponse, asked: string | undefined): string {
  const { body } = response
  if (body.length > largestManifest)
    throw invalidResponse(`its manifest is larger than ${largestManifest} bytes`)
  const named = asked ?? headerOf(response, 'docker-content-digest')
  const digest = digestLike(named ?? 'sha256:', body)
  if (isDigest(named) && named !== digest) throw invalidResponse('its manifest is not the one of its digest')
  return digest
}

/** Whether a registry counts every GET of a manifest against what an address or an account may pull, as Docker Hub does; HEAD is free. */
export function countsPulls({ kind, origin }: Registry): boolean {
  return kind === 'docker-hub' || /(?:^|\.)docker\.io$/.test(new URL(origin).hostname)
}

// Registries must take manifests of 4 MiB, and most take no larger ones (distribution specification, "Pushing Manifests").
const largestManifest = 4 * 1024 * 1024
