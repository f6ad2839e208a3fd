/** Room for tags: `starts[length]` is where the next one is written in `bytes`; for every tag of the page there is enough. */
export interface Room {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly length: number
}

/** What a page held: how many tags there are in the room now, and how many texts that are no tags were left out. */
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
  /** Behind the value. */
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
