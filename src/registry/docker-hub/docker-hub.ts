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
  /** The lister of the distribution specification, for everything that Docker Hub's own API does not list. */
  readonly fallback: Lister
  readonly tokens: TokenCache
  readonly configured: ConfiguredCredentials
  readonly now: () => number
}

// Two hundred pages: as many requests as one listing may cost. The registry API gives a line of such a repository by slice.
const mostTags = 20_000

/**
 * Creates a lister that uses Docker Hub's own API. It has the time of each push and returns the newest tags first, so one request
 * shows that nothing changed, and new tags are on the first pages. If that API does not answer, the fallback lists.
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

// Repositories grow and are cleaned up: the API is tried again once a day.
const unfitFor = 86_400_000
// Few repositories of Docker Hub are that large. Beyond this number, the oldest are tried again earlier.
const mostUnfit = 1_000

interface Context {
  readonly listing: Listing
  readonly reader: HubReader
  /** Repositories for which the API is not used: they have too many tags, or its pages are inconsistent. */
  readonly unfit: ExpiringMap<true>
  readonly now: () => number
}

// If a firewall blocks the API, or it is down, the fallback lists. Not after a 429: the abuse limits count requests to both.
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

// The pages come from caches that may differ. An inconsistent list is read a second time. If the second list has all tags that
// its count says, it is accepted; otherwise the fallback lists.
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

/** The pages of one listing, each requested once. */
export interface Walk {
  readonly first: HubPage
  /** All tags so far. */
  readonly tags: ReadonlyMap<string, HubTag>
  /** The last page that was read. */
  page(): HubPage
  /** Whether the end of the list was reached. */
  isEnded(): boolean
  /** Reads the next page; false at the end, or if there are more pages than the tag count allows. */
  next(signal: AbortSignal): Promise<boolean>
}

/** Creates a walk from the first page, which was read before. */
export function createWalk(reader: HubReader, first: HubPage): Walk {
  const tags = new Map<string, HubTag>()
  let page = first
  let number = 1
  let isPastEnd = false
  // Tags pushed meanwhile may fill one more page; a longer list is not valid.
  const mostPages = Math.ceil(first.count / hubPageSize) + 2
  const take = (taken: HubPage): void => {
    page = taken
    // A push meanwhile moves tags on to the next page: the first reading of a tag is the newest.
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

/** The tags updated since a validator; undefined if the pages cannot show it: they are out of order, or tags were deleted. */
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

/** Reads to the end; returns whether the number of tags equals the count of the first page and of the last one. */
export async function addsUp(walk: Walk, signal: AbortSignal): Promise<boolean> {
  while (await walk.next(signal));
  const last = walk.page()
  return last.isLast && walk.first.count === last.count && walk.tags.size === last.count
}
