import { tagAt, textsOf, type TagList } from '../../version/index.ts'
import type { Session } from '../auth/session.ts'
import { checkRegistryStatus } from '../auth/status.ts'
import { invalidResponse, RegistryError } from '../response/registry-error.ts'
import { headerOf, type RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryKind } from '../settings/settings.ts'
import { nextPage } from './link.ts'
import type { Listing } from './lister.ts'
import { createTagListBuilder, type TagListBuilder } from './tag-list-builder.ts'
import { isAscending, lastTag } from './tag-order.ts'

/** The pages of one repository, and the tags read so far. The limits apply to all pages together. */
export interface Pages {
  readonly tags: TagListBuilder
  /** The number of pages requested. */
  count(): number
  /** Starts after the tag `last`, or at the first one; `etag` is that of the cached list. */
  from(last: string | undefined, etag?: string): PageReader
}

/** Reads the pages in order. */
export interface PageReader {
  /** Whether there is another page to read. */
  more(): boolean
  /**
   * Adds the tags of the next page.
   * @returns undefined if the cached list is current: only for a reader with an `etag`.
   * @throws RegistryError past a limit and where pages go round.
   */
  read(signal: AbortSignal): Promise<TagPage | undefined>
}

/** A page that was read. */
export interface TagPage {
  /** How many texts its list held, legal tags or not. */
  readonly texts: number
  readonly etag: string | undefined
}

/** Creates the pages that a session reads. */
export function createPages(session: Session, { registry, query, limits }: Listing): Pages {
  const tags = createTagListBuilder(limits.tags)
  let bytes = 0
  let count = 0

  async function receive(url: URL, etag: string | undefined, signal: AbortSignal): Promise<RegistryResponse> {
    if (count++ === limits.pages) throw invalidResponse(`it has more than ${limits.pages} pages of tags`)
    const headers = etag === undefined ? {} : { 'if-none-match': etag }
    const response = await session.send({ registry, url, headers }, signal)
    checkRegistryStatus(response, 200, ...(etag === undefined ? [] : [304]))
    bytes += response.body.length
    if (bytes > limits.repositoryBytes)
      throw invalidResponse(`its tags are more than ${limits.repositoryBytes} bytes`)
    return response
  }

  return {
    tags,
    count: () => count,
    from(last, etag) {
      const url = new URL(`/v2/${query.repository}/tags/list?n=${registry.limits.pageSize}`, registry.origin)
      if (last !== undefined) url.searchParams.set('last', last)
      return createReader({ registry, first: url, etag, tags, receive })
    },
  }
}

interface ReaderParts {
  readonly registry: Registry
  readonly first: URL
  readonly etag: string | undefined
  readonly tags: TagListBuilder
  readonly receive: (url: URL, etag: string | undefined, signal: AbortSignal) => Promise<RegistryResponse>
}

function createReader({ registry, first, etag, tags, receive }: ReaderParts): PageReader {
  const loopGuard = createLoopGuard()
  let next: URL | undefined = first
  let held = etag
  let hasLinks = false
  let isGuess = false

  function nextOf(response: RegistryResponse, texts: number): URL | undefined {
    const link = linkOf(response, registry)
    if (link !== undefined && texts === 0 && isSamePlace(link, response.url)) return undefined
    if (link !== undefined) {
      hasLinks = true
      isGuess = false
      return link
    }
    isGuess = !hasLinks && texts === registry.limits.pageSize && !alwaysLink.has(registry.kind)
    const last = lastTag(tags.soFar())
    return isGuess && last !== undefined ? pageBehind(response.url, last) : undefined
  }

  return {
    more: () => next !== undefined,
    async read(signal) {
      if (next === undefined) throw new Error('there is no page left')
      const url = next
      loopGuard.check(url)
      next = undefined
      const asked = receive(url, held, signal)
      held = undefined // of the first page only
      const response = await (isGuess ? guess(asked) : asked)
      if (response === undefined) return { texts: 0, etag: undefined }
      if (response.status === 304) return undefined
      const before = tags.soFar().length
      const texts = tags.add(response.body)
      if (isGuess && !hasNews(tags.soFar(), before)) tags.cut(before)
      else next = nextOf(response, texts)
      // An ETag of another host is not sent to this one.
      const isOwn = response.url.origin === registry.origin
      return { texts, etag: isOwn ? headerOf(response, 'etag') : undefined }
    },
  }
}

function linkOf(response: RegistryResponse, { kind }: Registry): URL | undefined {
  return nextPage(headerOf(response, 'link'), response.url, { lenient: wrongPaths.has(kind) })
}

// A Link on each page, also on the empty one behind the last tag (microsoft/vscode-docker#4309).
function isSamePlace(one: URL, other: URL): boolean {
  const last = one.searchParams.get('last')
  return one.href === other.href || (last !== null && last === other.searchParams.get('last'))
}

// These say by a Link when there is more. Nexus may say nothing (sonatype/nexus-public#117, #209), and whatever else there is.
const alwaysLink: ReadonlySet<RegistryKind> = new Set(['docker-hub', 'ghcr', 'gitlab', 'harbor', 'quay'])

// Their links lead to paths behind their own names: RTFACT-18971, sonatype/nexus-public#1011.
const wrongPaths: ReadonlySet<RegistryKind> = new Set(['artifactory', 'nexus'])

/*
 * A page that is exactly as long as was asked for may be the end, or the registry may not say that there is more: then it is
 * asked for what comes behind the last tag. That is a guess, so a refusal means the end; but not an outage, for there may be more.
 */
async function guess(asked: Promise<RegistryResponse>): Promise<RegistryResponse | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof RegistryError && (error.code === 'not-found' || error.code === 'invalid-answer'))
      return
    throw error
  }
}

function pageBehind(page: URL, last: string): URL {
  const url = new URL(page)
  url.searchParams.set('last', last)
  return url
}

// A registry that does not know `last` gives the page before once more.
function hasNews(list: TagList, before: number): boolean {
  if (list.length === before) return false
  if (isAscending(list, before)) return true
  const known = new Set(textsOf({ ...list, length: before }))
  for (let at = before; at < list.length; at++) if (!known.has(tagAt(list, at))) return true
  return false
}

// A registry that gives the same page for ever would end at the limit of pages too, but 200 requests later.
function createLoopGuard(): { check(url: URL): void } {
  const seen = new Set<string>()
  return {
    check(url) {
      const last = url.searchParams.get('last')
      const marks = last === null ? [url.href] : [url.href, `last ${last}`]
      if (marks.some(mark => seen.has(mark))) throw invalidResponse('its pages of tags go round in a circle')
      for (const mark of marks) seen.add(mark)
    },
  }
}
