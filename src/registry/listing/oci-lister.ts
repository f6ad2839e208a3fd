import type { TagAnswer } from '../../evaluation/index.ts'
import { tagAt } from '../../version/index.ts'
import { createSession, type Session } from '../auth/session.ts'
import type { Lister, Listing } from './lister.ts'
import { createPages, type Pages, type TagPage } from './pages.ts'
import { anchorsBefore, isSlice, readSlice, type SliceCache, type SlicePlace } from './slice.ts'
import { isAscending, isBeyond, lastTag, placesOf } from './tag-order.ts'
import { contentOf, etagOf, readValidator, writeValidator, type Validator } from './validator.ts'

/**
 * Creates a lister of the distribution specification: `tags/list`, page after page to the end. Of a repository with very many
 * tags it reads only the requested slice, if the registry honours `last`.
 */
export function createOciLister(memory: SliceCache): Lister {
  return async (listing, signal) => {
    const { registry, query, parts } = listing
    const session = createSession(registry, query, parts)
    const held = readValidator(query.held?.validator)
    const context = { listing, session, held, memory, slice: sliceOf(listing, memory) }
    if (!isLarge(context)) return walk({ ...context, mayJump: true }, signal)
    const answer = await listSlice(context, signal)
    return answer ?? walk({ ...context, slice: sliceOf(listing, memory), mayJump: false }, signal)
  }
}

interface Context {
  readonly listing: Listing
  readonly session: Session
  readonly held: Validator | undefined
  readonly memory: SliceCache
  /** As far as it may be asked for. */
  readonly slice: string | undefined
}

function sliceOf({ registry, query: { slice } }: Listing, memory: SliceCache): string | undefined {
  // GHCR lists the oldest first.
  return isSlice(slice) && registry.kind !== 'ghcr' && !memory.refuses(registry) ? slice : undefined
}

// A list that came on one page, however long, is one request the next time too.
function isLarge({ listing, held, slice, memory }: Context): boolean {
  const { registry, query } = listing
  if (slice === undefined || query.held === undefined) return false
  const known = memory.known(placeOf(listing, slice))
  if (known !== undefined && known.after === undefined) return false // the guesses would be made in vain at each refresh
  return held?.slice === slice || (query.held.tags > registry.limits.pageSize && held?.pages !== 1)
}

async function listSlice(context: Context, signal: AbortSignal): Promise<TagAnswer | undefined> {
  const pages = createPages(context.session, context.listing)
  return (await hasSlice(context, pages, signal)) ? sliceAnswer(context, pages) : undefined
}

async function hasSlice(
  { held, slice = '', memory, listing }: Context,
  pages: Pages,
  signal: AbortSignal,
): Promise<boolean> {
  const read = lastTag(pages.tags.soFar()) ?? ''
  const place = placeOf(listing, slice)
  const last = held?.slice === slice ? held.after : undefined
  const anchors = anchorsBefore(slice, memory.known(place)?.after ?? last)
  const outcome = await readSlice(pages, { slice, anchors: anchors.filter(anchor => anchor > read) }, signal)
  if (outcome === 'ignored') memory.refuse(listing.registry)
  if (outcome === 'uncertain') memory.keep(place, undefined)
  return outcome === 'complete'
}

interface Walk extends Context {
  /** Whether pages may be left out to reach the slice: not where that was tried already. */
  readonly mayJump: boolean
}

async function walk(context: Walk, signal: AbortSignal): Promise<TagAnswer> {
  const { session, held, listing } = context
  const pages = createPages(session, listing)
  const reader = pages.from(undefined, held?.etag)
  const isSorted = createOrderCheck(pages)
  let etag: string | undefined
  while (reader.more()) {
    const page = await reader.read(signal)
    if (page === undefined) return { kind: 'unchanged', shared: session.accepted() === undefined }
    etag = pages.count() === 1 && !reader.more() ? reliableEtag(page) : undefined
    if (!isSorted() || !reader.more()) continue
    if (await reachedSlice(context, pages, signal)) return sliceAnswer(context, pages)
  }
  if (isSorted()) notePlace(context, pages)
  const list = pages.tags.soFar()
  const content = contentOf(list, 0, list.length)
  const validator = { content, pages: pages.count(), etag, slice: undefined, after: undefined }
  return answerOf(context, pages, validator)
}

// Whether every tag so far has come in ascending order, each page looked at once.
function createOrderCheck({ tags }: Pages): () => boolean {
  let isSorted = true
  let checked = 1
  return () => {
    isSorted &&= isAscending(tags.soFar(), checked)
    checked = tags.soFar().length
    return isSorted
  }
}

/*
 * Whether the slice is there although pages are left. Only once the order of so many tags has shown that they are sorted: of a
 * registry that does not sort any page may hold more of it.
 */
async function reachedSlice(
  { slice, mayJump, ...context }: Walk,
  pages: Pages,
  signal: AbortSignal,
): Promise<boolean> {
  const { registry, limits } = context.listing
  const { sliceAfterPages } = limits
  if (slice === undefined || pages.count() < sliceAfterPages || context.memory.refuses(registry)) return false
  if (isBeyond(lastTag(pages.tags.soFar()) ?? '', slice)) return true
  return mayJump && pages.count() === sliceAfterPages && hasSlice({ ...context, slice }, pages, signal)
}

// How many tags before the slice are asked for with it.
const overlap = 4

function placeOf({ registry, query: { repository } }: Listing, slice: string): SlicePlace {
  return { registry, repository, slice }
}

// Once all was read it is known from where on the slice is to be asked for the next time.
function notePlace({ listing, slice, memory }: Context, pages: Pages): void {
  if (slice === undefined) return
  const place = placeOf(listing, slice)
  if (memory.known(place) === undefined) memory.keep(place, tagBefore(pages, slice))
}

// Not the very last before the slice: once that is deleted, nothing before the slice would come.
function tagBefore({ tags }: Pages, slice: string): string | undefined {
  const list = tags.soFar()
  const { first } = placesOf(list, slice)
  return first > overlap ? tagAt(list, first - overlap) : undefined
}

function sliceAnswer(context: Context, pages: Pages): TagAnswer {
  const { slice = '' } = context
  const list = pages.tags.soFar()
  const { first, end } = placesOf(list, slice)
  const after = tagBefore(pages, slice)
  if (after !== undefined) context.memory.keep(placeOf(context.listing, slice), after)
  const content = contentOf(list, first, end)
  return answerOf(context, pages, { content, pages: pages.count(), etag: undefined, slice, after })
}

function answerOf({ session, held, listing }: Context, pages: Pages, validator: Validator): TagAnswer {
  const shared = session.accepted() === undefined
  const dropped = pages.tags.dropped()
  if (dropped > 0) listing.onDropped?.(dropped)
  if (held?.content === validator.content && held.slice === validator.slice)
    return { kind: 'unchanged', shared }
  return {
    kind: 'listed',
    tags: pages.tags.finish(),
    slice: validator.slice,
    published: undefined,
    validator: writeValidator(validator),
    shared,
  }
}

/*
 * The tag of a page does not change when the list grows by a second page behind it, for which there is a Link, and that is not
 * of the body. A page that may have been full is therefore not believed: those are of round sizes (50, 100, 1000).
 */
function reliableEtag({ texts, etag }: TagPage): string | undefined {
  return texts % 10 === 0 ? undefined : etagOf(etag)
}
