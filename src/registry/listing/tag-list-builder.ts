import { isTag } from '../../image/index.ts'
import type { TagList } from '../../version/index.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { tagsIn } from '../response/response.ts'

/** Collects the tags of one page after another. */
export interface TagListBuilder {
  /**
   * Adds the tags of a page of `tags/list`; texts that are not legal tags are left out.
   * @returns the number of texts in its list, including those left out.
   * @throws RegistryError if it is not a page of tags, or there are too many tags; then nothing is added.
   */
  add(page: Buffer): number
  /** The number of texts left out so far. */
  dropped(): number
  /** The tags so far, without a copy: valid until the next change. */
  soFar(): TagList
  /** Drops the tags from an index on. */
  cut(length: number): void
  /** Returns the list, as a copy. */
  finish(): TagList
}

/** Creates a builder for a list of at most `most` texts. */
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
      if (texts > most) throw invalidResponse(`it has more than ${most} tags`)
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

/** Room for tags: `starts[length]` is where the next one is written in `bytes`; for every tag of the page there is enough. */
export interface Room {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly length: number
}

/** The result of reading a page: how many tags the room has now, and how many texts that are not legal tags were left out. */
export interface Scanned {
  readonly length: number
  readonly dropped: number
}

/**
 * The tags of a page of the usual shape, `{"name":"...","tags":["...", ...]}`, written into the room byte by byte: no text
 * is made of any. Undefined where the page has anything else in it (escapes, characters that are not ASCII, other keys, a
 * key twice, a mistake): what it means then is for a parser to say. What is written beyond `length` by then is rubbish.
 */
export function scanPage(page: Uint8Array, room: Room): Scanned | undefined {
  let at = skipSpace(page, 0)
  if (page[at] !== openBrace) return undefined
  const seen = new Set<string>()
  let tags: Scanned | undefined
  do {
    const member = scanMember(page, skipSpace(page, at + 1), room)
    if (member === undefined || seen.has(member.key)) return undefined // of a key twice the last counts
    seen.add(member.key)
    tags ??= member.tags
    at = skipSpace(page, member.end)
  } while (page[at] === comma)
  if (page[at] !== closeBrace || skipSpace(page, at + 1) !== page.length) return undefined
  return tags
}

interface Member {
  readonly key: string
  readonly tags: Scanned | undefined
  /** The index after the value. */
  readonly end: number
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const nameKey = Buffer.from('"name"')
const tagsKey = Buffer.from('"tags"')
const nothing = Buffer.from('null')

// Of the distribution specification: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}
const longestTag = 128
const isTagCharacter = Uint8Array.from({ length: 256 }, (_, code) =>
  /[a-zA-Z0-9._-]/.test(String.fromCharCode(code)) ? 1 : 0,
)
const isFirst = Uint8Array.from({ length: 256 }, (_, code) =>
  /[a-zA-Z0-9_]/.test(String.fromCharCode(code)) ? 1 : 0,
)

function scanMember(page: Uint8Array, start: number, room: Room): Member | undefined {
  const isTags = holds(page, start, tagsKey)
  if (!isTags && !holds(page, start, nameKey)) return undefined
  const separator = skipSpace(page, start + tagsKey.length)
  if (page[separator] !== colon) return undefined
  const value = skipSpace(page, separator + 1)
  return isTags ? scanTags(page, value, room) : scanName(page, value)
}

function scanName(page: Uint8Array, start: number): Member | undefined {
  return page[start] === quote
    ? { key: 'name', tags: undefined, end: plainEnd(page, start + 1) + 1 }
    : undefined
}

function scanTags(page: Uint8Array, start: number, room: Room): Member | undefined {
  const none = { length: room.length, dropped: 0 }
  if (holds(page, start, nothing)) return { key: 'tags', tags: none, end: start + nothing.length }
  if (page[start] !== openBracket) return undefined
  const first = skipSpace(page, start + 1)
  return page[first] === closeBracket
    ? { key: 'tags', tags: none, end: first + 1 }
    : scanList(page, first, room)
}

function scanList(page: Uint8Array, start: number, room: Room): Member | undefined {
  const { bytes, starts } = room
  let { length } = room
  let width = starts[length] ?? 0
  let dropped = 0
  for (let at = start; page[at] === quote; at = skipSpace(page, at + 1)) {
    const end = tagEnd(page, at + 1)
    if (end === undefined) dropped++
    else {
      for (let from = at + 1; from < end; from++) bytes[width++] = page[from] ?? 0
      starts[++length] = width
    }
    at = skipSpace(page, (end ?? plainEnd(page, at + 1)) + 1)
    if (page[at] === closeBracket) return { key: 'tags', tags: { length, dropped }, end: at + 1 }
    if (page[at] !== comma) return undefined
  }
  return undefined
}

// Where a text ends that is a legal tag.
function tagEnd(page: Uint8Array, start: number): number | undefined {
  if (isFirst[page[start] ?? 0] !== 1) return undefined
  let at = start + 1
  while (isTagCharacter[page[at] ?? 0] === 1) at++
  return page[at] === quote && at - start <= longestTag ? at : undefined
}

// Where a text ends, if up to there it is ASCII that means itself; else the end of the page, where nothing can follow.
function plainEnd(page: Uint8Array, start: number): number {
  for (let at = start; at < page.length; at++) {
    const code = page[at] ?? 0
    if (code === quote) return at
    if (code < 0x20 || code > 0x7e || code === backslash) break
  }
  return page.length
}

function skipSpace(page: Uint8Array, start: number): number {
  let at = start
  for (let code = page[at]; code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;)
    code = page[++at]
  return at
}

function holds(page: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let at = 0; at < wanted.length; at++) if (page[start + at] !== wanted[at]) return false
  return true
}
