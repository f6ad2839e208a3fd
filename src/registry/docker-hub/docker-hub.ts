import { createExpiringMap, type ExpiringMap } from '../../async/index.ts'
import type { TagAnswer, TagListing } from '../../evaluation/index.ts'
import { isTag } from '../../image/index.ts'
import { tagListOf } from '../../version/index.ts'
import { createIdentities, type ConfiguredCredentials } from '../auth/identities.ts'
import type { TokenCache } from '../auth/token-cache.ts'
import type { Lister, Listing } from '../listing/lister.ts'
import { RegistryError } from '../response/registry-error.ts'
import {
  hubPageSize,
  isNewestFirst,
  readHubValidator,
  validatorOf,
  writeHubValidator,
  type HubPage,
  type HubTag,
  type HubValidator,
} from './docker-hub-page.ts'
import { createHubReader, type HubReader } from './docker-hub-reader.ts'

/** The dependencies of a lister for Docker Hub; `now` in epoch milliseconds. */
export interface DockerHubListerParts {
  /** Lists by the distribution specification, where Docker Hub's own API does not. */
  readonly fallback: Lister
  readonly tokens: TokenCache
  readonly configured: ConfiguredCredentials
  readonly now: () => number
}

// Two hundred pages: as many requests as one listing may cost. The registry API gives a line of such a repository by slice.
const mostTags = 20_000

/**
 * Lists tags by Docker Hub's own API, which says when each was pushed and gives the newest first: so one request proves that
 * nothing changed, and what is new comes on the first pages. Where that API has no answer, the registry may have one.
 */
export function createDockerHubLister({ fallback, tokens, configured, now }: DockerHubListerParts): Lister {
  const unfit = createExpiringMap<true>({ max: mostUnfit, now })
  return async (listing, signal) => {
    const { registry, query } = listing
    const { apiUrl } = registry
    if (apiUrl === undefined || unfit.get(query.repository) === true) return fallback(listing, signal)
    const subject = { repository: query.repository, credentials: query.credentials ?? [] }
    const identities = createIdentities(registry, subject, configured)
    const reader = createHubReader(listing, { tokens, identities, apiUrl })
    const answer = await orNone(list({ listing, reader, unfit, now }, signal), signal)
    return answer ?? fallback(listing, signal)
  }
}

// A repository grows and is tidied up: once a day it is looked at anew.
const unfitFor = 86_400_000
// Of Docker Hub's repositories a handful are so large; more than these in one cluster are looked at again before their time.
const mostUnfit = 1_000

interface Context {
  readonly listing: Listing
  readonly reader: HubReader
  /** Repositories that Docker Hub's own API is not asked for: they have too many tags, or its pages do not add up. */
  readonly unfit: ExpiringMap<true>
  readonly now: () => number
}

// A firewall that lets only the registry pass, or an outage of the site: the registry is asked. Not where the API asked to
// wait: the limits against abuse count both.
async function orNone(
  answer: Promise<TagAnswer | undefined>,
  signal: AbortSignal,
): Promise<TagAnswer | undefined> {
  try {
    return await answer
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RegistryError) || error.code === 'rate-limited') throw error
    return undefined
  }
}

async function list(context: Context, signal: AbortSignal): Promise<TagAnswer | undefined> {
  const { listing, reader, unfit, now } = context
  const { query, limits } = listing
  const first = await reader.page(1, signal)
  if (first === undefined) return undefined
  const held = query.held === undefined ? undefined : readHubValidator(query.held.validator)
  if (held !== undefined && isSame(held, validatorOf(first)))
    return { kind: 'unchanged', shared: reader.shared() }
  if (first.count > Math.min(mostTags, limits.tags, limits.pages * hubPageSize)) {
    unfit.set(query.repository, true, now() + unfitFor)
    return undefined
  }
  const walk = createWalk(reader, first)
  if (held !== undefined && query.held?.additions === true) {
    const added = await updatedSince(walk, held, signal)
    if (added !== undefined) return listingOf(context, first, { tags: added, isPart: true })
  }
  return wholeList(context, walk, signal)
}

function isSame(held: HubValidator, now: HubValidator): boolean {
  return held.hash === now.hash && held.count === now.count
}

// The pages come from caches that differ from moment to moment: what does not add up is read a second time. A second time
// that says the same is what Docker Hub has to say; one with too few tags is not, and the registry is asked.
async function wholeList(context: Context, begun: Walk, signal: AbortSignal): Promise<TagAnswer | undefined> {
  const { reader, listing, unfit, now } = context
  if (await addsUp(begun, signal)) return listingOf(context, begun.first, { tags: [...begun.tags.values()] })
  const first = await reader.page(1, signal)
  if (first === undefined) return undefined
  const again = createWalk(reader, first)
  const isSure = await addsUp(again, signal)
  const fewest = Math.min(again.first.count, again.page().count)
  if (isSure || (again.isEnded() && again.tags.size >= fewest))
    return listingOf(context, first, { tags: [...again.tags.values()] })
  unfit.set(listing.query.repository, true, now() + unfitFor)
  return undefined
}

function listingOf(
  { listing, reader }: Context,
  first: HubPage,
  { tags, isPart = false }: { readonly tags: readonly HubTag[]; readonly isPart?: boolean },
): TagListing {
  const legal = tags.filter(({ name }) => isTag(name))
  if (legal.length < tags.length) listing.onDropped?.(tags.length - legal.length)
  return {
    kind: 'listed',
    tags: tagListOf(legal.map(({ name }) => name)),
    slice: undefined,
    published: Float64Array.from(legal, ({ pushed }) => pushed),
    validator: writeHubValidator(validatorOf(first)),
    shared: reader.shared(),
    ...(isPart && { additions: { total: first.count } }),
  }
}

/** The pages of one reading, each asked for once. */
export interface Walk {
  readonly first: HubPage
  /** Every tag that was read so far. */
  readonly tags: ReadonlyMap<string, HubTag>
  /** The last page that was read. */
  page(): HubPage
  /** Whether the end of the list was reached. */
  isEnded(): boolean
  /** Reads another one; false at the end, and where there are more pages than the count of tags can fill. */
  next(signal: AbortSignal): Promise<boolean>
}

/** Creates a walk that begins with a page which was read already. */
export function createWalk(reader: HubReader, first: HubPage): Walk {
  const tags = new Map<string, HubTag>()
  let page = first
  let number = 1
  let isPastEnd = false
  // What is pushed meanwhile may fill another page; a list that goes on after that is none.
  const mostPages = Math.ceil(first.count / hubPageSize) + 2
  const take = (taken: HubPage): void => {
    page = taken
    // One that is pushed meanwhile moves the others on to the next page: the first time that a tag is read is the newest.
    for (const tag of taken.tags) if (!tags.has(tag.name)) tags.set(tag.name, tag)
  }
  take(first)
  return {
    first,
    tags,
    page: () => page,
    isEnded: () => isPastEnd || page.isLast,
    async next(signal) {
      if (isPastEnd || page.isLast || number === mostPages) return false
      const read = await reader.page(++number, signal)
      isPastEnd = read === undefined // tags were deleted meanwhile
      if (read === undefined) return false
      take(read)
      return true
    },
  }
}

/** The tags that were updated since; undefined where the pages cannot tell: they are out of order, or tags were deleted. */
export async function updatedSince(
  walk: Walk,
  held: HubValidator,
  signal: AbortSignal,
): Promise<readonly HubTag[] | undefined> {
  const { first } = walk
  if (held.newest === 0 || first.count < held.count) return undefined
  do {
    const read = [...walk.tags.values()]
    if (!isNewestFirst(walk.page().tags)) return undefined
    const added = read.filter(({ updated }) => updated >= held.newest)
    // Two may have been pushed in the same millisecond, so those of that instant are read too.
    if (added.length < read.length) return first.count > held.count + added.length ? undefined : added
  } while (await walk.next(signal))
  return undefined
}

/** Reads to the end; whether there are then as many tags as the first page said, and the last. */
export async function addsUp(walk: Walk, signal: AbortSignal): Promise<boolean> {
  while (await walk.next(signal));
  const last = walk.page()
  return last.isLast && walk.first.count === last.count && walk.tags.size === last.count
}
