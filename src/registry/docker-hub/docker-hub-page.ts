import { createHash } from 'node:crypto'

import type { Platforms } from '../../evaluation/index.ts'
import { isJsonObject } from '../../json/index.ts'
import { isDigest, mostPlatforms, platformOf } from '../manifest/manifest.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { parseJson, type RegistryResponse } from '../response/response.ts'

/** A tag as Docker Hub's own API lists it; instants in epoch milliseconds, 0 where one is not known. */
export interface HubTag {
  readonly name: string
  /** The instant by which the list is ordered. */
  readonly updated: number
  readonly pushed: number
  readonly digest: string
}

/** A page of the list of tags, the one that was updated last first. */
export interface HubPage {
  /** The number of tags in the repository. */
  readonly count: number
  readonly tags: readonly HubTag[]
  readonly isLast: boolean
}

/** The largest page that the API returns. */
export const hubPageSize = 100

/** The address of a page, from 1; undefined where Docker Hub can have no such repository. */
export function hubPageUrl(apiUrl: string, repository: string, page: number): URL | undefined {
  const [namespace, name, more] = repository.split('/')
  if (namespace === undefined || name === undefined || more !== undefined) return undefined
  const query = `page_size=${hubPageSize}&ordering=last_updated&page=${page}`
  return new URL(`${apiUrl}/v2/repositories/${namespace}/${name}/tags?${query}`)
}

/** The address of one tag; undefined where Docker Hub can have no such repository. */
export function hubTagUrl(apiUrl: string, repository: string, tag: string): URL | undefined {
  const [namespace, name, more] = repository.split('/')
  if (namespace === undefined || name === undefined || more !== undefined) return undefined
  return new URL(`${apiUrl}/v2/repositories/${namespace}/${name}/tags/${tag}`)
}

/** The digest and the platforms of a tag, as Docker Hub's API has them. */
export interface HubPlatforms {
  readonly digest: string
  readonly platforms: Platforms
}

/**
 * Reads the digest and the platforms of a tag.
 * @throws RegistryError where the response has another shape.
 */
export function readHubPlatforms(response: RegistryResponse): HubPlatforms {
  const tag = parseJson(response)
  if (!isJsonObject(tag) || !Array.isArray(tag['images'])) throw otherShape()
  const { digest, content_type: content = 'image', images } = tag
  const told = typeof digest === 'string' ? digest : ''
  return { digest: told, platforms: content === 'image' ? platformsAmong(images) : 'none' }
}

// An image alone has one entry, an index one for each of its platforms.
function platformsAmong(images: readonly unknown[]): Platforms {
  const platforms = new Map<string, string>()
  for (const image of images) {
    const platform = platformOf(image)
    if (platform === undefined || platforms.has(platform) || platforms.size === mostPlatforms) continue
    const digest = isJsonObject(image) ? image['digest'] : undefined
    platforms.set(platform, isDigest(digest) ? digest : '')
  }
  return platforms.size === 0 ? 'untold' : platforms
}

/**
 * Reads a page. Its `next` only shows whether there is another one; its address is not used.
 * @throws RegistryError where it has another shape.
 */
export function readHubPage(response: RegistryResponse): HubPage {
  const page = parseJson(response)
  if (!isJsonObject(page)) throw otherShape()
  const { count, results, next } = page
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) throw otherShape()
  if (!Array.isArray(results)) throw otherShape()
  return { count, tags: results.map(readTag), isLast: typeof next !== 'string' || next === '' }
}

/** The validator of a list: an equal one the next time means that nothing changed. */
export interface HubValidator {
  /** When the newest tag was updated; 0 if the list is not in order. */
  readonly newest: number
  readonly count: number
  /** The hash of the first page. */
  readonly hash: string
}

/** Computes the validator of a list from its first page. */
export function validatorOf({ count, tags }: HubPage): HubValidator {
  const content = tags.map(({ name, updated, digest }) => [name, updated, digest])
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('base64url')
  return { newest: isNewestFirst(tags) ? (tags[0]?.updated ?? 0) : 0, count, hash }
}

/** Whether the tags are in the requested order, each with its instant. */
export function isNewestFirst(tags: readonly HubTag[]): boolean {
  return tags.every(({ updated }, at) => updated > 0 && updated <= (tags[at - 1]?.updated ?? Infinity))
}

// Distinguishes it from the validators of other listers.
const prefix = 'hub-1 '

/** The validator as the text that the catalog keeps. */
export function writeHubValidator({ newest, count, hash }: HubValidator): string {
  return `${prefix}${newest} ${count} ${hash}`
}

/** The validator that a text was made of; undefined for any other text. */
export function readHubValidator(text: string | undefined): HubValidator | undefined {
  const [, newest, count, hash] = /^hub-1 (\d{1,16}) (\d{1,9}) ([\w-]{43})$/.exec(text ?? '') ?? []
  if (hash === undefined) return undefined
  return { newest: Number(newest), count: Number(count), hash }
}

function readTag(value: unknown): HubTag {
  if (!isJsonObject(value) || typeof value['name'] !== 'string') throw otherShape()
  const updated = instantOf(value['last_updated'])
  return {
    name: value['name'],
    updated,
    pushed: instantOf(value['tag_last_pushed']) || updated,
    digest: typeof value['digest'] === 'string' ? value['digest'] : '',
  }
}

function instantOf(value: unknown): number {
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return instant > 0 ? instant : 0
}

function otherShape(): Error {
  return invalidResponse("its answer is not a page of Docker Hub's tags")
}
