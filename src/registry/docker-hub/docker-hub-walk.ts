import {
  hubPageSize,
  isNewestFirst,
  type HubPage,
  type HubTag,
  type HubValidator,
} from './docker-hub-page.ts'
import type { HubReader } from './docker-hub-reader.ts'

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

/** A walk that begins with a page which was read already. */
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

/** What was updated since; undefined where that is no answer: the order is not kept, or tags were deleted. */
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
