import { isTag } from '../../image/index.ts'
import type { TagList } from '../../version/index.ts'
import { tagsIn } from '../response/answer.ts'
import { invalidAnswer } from '../response/fault.ts'
import { scanPage, type Room, type Scanned } from './page-scanner.ts'

/** Puts the tags of pages one after another. */
export interface TagListBuilder {
  /**
   * Adds the tags of a page of `tags/list`; what is no legal tag is left out.
   * @returns how many texts its list held, those that were left out included.
   * @throws RegistryFault where the page is none, or its tags are too many; then nothing of it is added.
   */
  add(page: Buffer): number
  /** How many texts were no tags so far. */
  dropped(): number
  /** What there is so far, without a copy: good until the next change. */
  soFar(): TagList
  /** Forgets the tags from a place on. */
  cut(length: number): void
  /** A list of its own. */
  finish(): TagList
}

/** An empty list that takes at most so many texts. */
export function createTagListBuilder(most = Number.MAX_SAFE_INTEGER): TagListBuilder {
  let room: Room = { bytes: new Uint8Array(0), starts: new Uint32Array(1), length: 0 }
  let texts = 0
  let dropped = 0
  return {
    add(page) {
      const roomy = withSpace(room, page.length)
      const scanned = scanPage(page, roomy) ?? writeTags(tagsIn(page), roomy)
      const added = scanned.length - room.length + scanned.dropped
      texts += added
      if (texts > most) throw invalidAnswer(`it has more than ${most} tags`)
      dropped += scanned.dropped
      room = { ...roomy, length: scanned.length }
      return added
    },
    dropped: () => dropped,
    soFar: () => listOf(room),
    cut(length) {
      room = { ...room, length: Math.min(length, room.length) }
    },
    finish() {
      const { bytes, starts, length } = listOf(room)
      return { length, bytes: bytes.slice(), starts: starts.slice() }
    },
  }
}

function listOf({ bytes, starts, length }: Room): TagList {
  return { length, bytes: bytes.subarray(0, starts[length]), starts: starts.subarray(0, length + 1) }
}

// The shortest tag takes four bytes of a page: two quotes, one character and a comma (the last has the bracket for it).
const shortest = 4

function withSpace({ bytes, starts, length }: Room, pageBytes: number): Room {
  const width = (starts[length] ?? 0) + pageBytes
  const places = length + 1 + Math.ceil(pageBytes / shortest)
  return {
    bytes: bytes.length >= width ? bytes : grown(bytes, new Uint8Array(Math.max(width, 2 * bytes.length))),
    starts:
      starts.length >= places ? starts : grown(starts, new Uint32Array(Math.max(places, 2 * starts.length))),
    length,
  }
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

function writeTags(tags: readonly string[], room: Room): Scanned {
  const { bytes, starts } = room
  let end = room.length
  let dropped = 0
  for (const tag of tags) {
    if (!isTag(tag)) {
      dropped++
      continue
    }
    const start = starts[end] ?? 0
    for (let at = 0; at < tag.length; at++) bytes[start + at] = tag.charCodeAt(at)
    starts[++end] = start + tag.length
  }
  return { length: end, dropped }
}
