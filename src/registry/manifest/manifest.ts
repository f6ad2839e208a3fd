import { createHash } from 'node:crypto'

import type { ManifestFacts, Platforms } from '../../evaluation/index.ts'
import { sourceUrl } from '../../image/index.ts'
import { at, isJsonObject, itemsOf, type JsonObject } from '../../json/index.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { parseJson } from '../response/response.ts'

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

/** The manifests that are understood; without it a registry may answer with one of schema 1, which has another digest. */
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
 * What a manifest says of its image: for which platforms it is, and where its project is.
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

/** A platform as it is written, `linux/arm64/v8`; undefined where it is none, or of nothing that runs. */
export function platformOf(platform: unknown): string | undefined {
  if (!isJsonObject(platform)) return undefined
  const { os, architecture, variant } = platform
  if (!isPart(os) || !isPart(architecture) || os === 'unknown' || architecture === 'unknown') return undefined
  return isPart(variant) ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

function isPart(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z0-9][a-z0-9._-]{0,31}$/i.test(text)
}
