/** One part of a message, marked up for a channel. */
export interface Part {
  readonly title: string
  /** One for each image; none is ever split. */
  readonly items: readonly string[]
  /** How many images are left out already. */
  readonly more: number
}

/** How much text a channel takes, in UTF-16 units. */
export interface Limits {
  /** In one chunk. */
  readonly chunk: number
  readonly chunks: number
  /** In all chunks. */
  readonly together: number
  /** Whether each part begins a chunk. */
  readonly apart: boolean
}

interface Room {
  /** What has to stay free in a chunk, in all of them, and how many chunks. */
  readonly chunk: number
  readonly together: number
  readonly chunks: number
}

/**
 * Packs the parts into as few chunks as possible, after those that exist. Items that do not fit are left out and counted in their
 * part, whose title and count are always there.
 */
export function pack(start: readonly string[], parts: readonly Part[], limits: Limits): readonly string[] {
  const nothing: Packed = { chunks: start, limits }
  return parts.reduce(
    (packed, part, at) => withPart(packed, part, roomAfter(parts.slice(at), limits)),
    nothing,
  ).chunks
}

interface Packed {
  readonly chunks: readonly string[]
  readonly limits: Limits
}

// A later part gets so much room even where an earlier one could fill it all.
const share = 1_000

function roomAfter([part, ...later]: readonly Part[], { apart }: Limits): Room {
  const own = part === undefined ? 0 : countLine(part, part.items.length).length
  const summaries = later.map(next => next.title.length + countLine(next, next.items.length).length + 3)
  const whole = later.map(({ title, items }) => sum([title, ...items].map(({ length }) => length + 1)))
  return {
    chunk: own + sum(summaries),
    together: own + sum(whole.map((length, at) => Math.max(summaries[at] ?? 0, Math.min(share, length)))),
    chunks: apart ? later.length : 0,
  }
}

function withPart({ chunks: before, limits }: Packed, part: Part, room: Room): Packed {
  const opening = limits.apart || before.length === 0 ? part.title : `\n${part.title}`
  const place = { room, limits, fresh: limits.apart }
  const { chunks, told } = withItems(before, { opening, items: part.items }, place)
  const count = countLine(part, part.items.length - told)
  if (told > 0) return { chunks: [...chunks.slice(0, -1), `${chunks.at(-1) ?? ''}${count}`], limits }
  // The room that the parts before have left for it.
  const free = { ...room, chunk: 0, together: 0 }
  return { chunks: placed(before, `${opening}${count}`, { ...place, room: free }) ?? before, limits }
}

function withItems(
  before: readonly string[],
  { opening, items }: { readonly opening: string; readonly items: readonly string[] },
  place: Place,
): { readonly chunks: readonly string[]; readonly told: number } {
  const longest = place.limits.chunk - place.room.chunk - opening.length - 1
  let chunks = before
  let told = 0
  for (const item of items) {
    if (item.length > longest) continue // one that fits nowhere is no reason to leave out those after it
    const next =
      told === 0
        ? placed(chunks, `${opening}\n${item}`, place)
        : placed(chunks, item, { ...place, fresh: false })
    if (next === undefined) break
    chunks = next
    told++
  }
  return { chunks, told }
}

interface Place {
  readonly room: Room
  readonly limits: Limits
  /** Whether it has to begin a chunk. */
  readonly fresh: boolean
}

function placed(
  chunks: readonly string[],
  text: string,
  { room, limits, fresh }: Place,
): readonly string[] | undefined {
  const together = sum(chunks.map(({ length }) => length)) + text.length + 1
  if (together + room.together > limits.together) return undefined
  const last = chunks.at(-1)
  if (!fresh && last !== undefined && last.length + 1 + text.length + room.chunk <= limits.chunk)
    return [...chunks.slice(0, -1), `${last}\n${text}`]
  const isFull = chunks.length + 1 + room.chunks > limits.chunks || text.length + room.chunk > limits.chunk
  return isFull ? undefined : [...chunks, text.trimStart()]
}

function countLine({ more }: Part, left: number): string {
  return more + left === 0 ? '' : `\nand ${more + left} more`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
