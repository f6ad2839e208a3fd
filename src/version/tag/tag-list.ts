/** The tags of a repository side by side in one piece of memory: no object, and no string, for each. */
export interface TagList {
  readonly length: number
  /** The tags one after another, in ASCII: no other character is legal in a tag. */
  readonly bytes: Uint8Array
  /** Where each tag starts in `bytes`, and where the last one ends. */
  readonly starts: Uint32Array
}

/** The list of some texts; characters that are none of ASCII become `?`, which no tag may hold. */
export function tagListOf(tags: readonly string[]): TagList {
  const starts = new Uint32Array(tags.length + 1)
  for (const [at, tag] of tags.entries()) starts[at + 1] = (starts[at] ?? 0) + tag.length
  const bytes = new Uint8Array(starts[tags.length] ?? 0)
  let end = 0
  for (const tag of tags)
    for (let at = 0; at < tag.length; at++) {
      const code = tag.charCodeAt(at)
      bytes[end++] = code < 128 ? code : questionMark
    }
  return { length: tags.length, bytes, starts }
}

/** The tag at a place of the list; empty beyond its end. */
export function tagAt({ bytes, starts }: TagList, at: number): string {
  return asciiText(bytes, starts[at] ?? 0, starts[at + 1] ?? 0)
}

/** All tags of the list as one text, to cut tags out of: `starts` holds for it too. */
export function wholeText({ bytes, starts, length }: TagList): string {
  return decoder.decode(bytes.subarray(0, starts[length]))
}

/**
 * A copy of a tag that was cut out of the whole text, to be kept: V8 keeps all of the text that a part was cut out of, which
 * for the newest tag of each list would be as much as all lists.
 */
export function keptTag(tag: string): string {
  return decoder.decode(encoder.encode(tag))
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The place of a tag in the list; -1 where it is not. */
export function placeOf({ length, bytes, starts }: TagList, tag: string): number {
  for (let at = 0; at < length; at++) {
    const start = starts[at] ?? 0
    if ((starts[at + 1] ?? 0) - start === tag.length && isAt(bytes, start, tag)) return at
  }
  return -1
}

function isAt(bytes: Uint8Array, start: number, tag: string): boolean {
  for (let at = tag.length - 1; at >= 0; at--) if (bytes[start + at] !== tag.charCodeAt(at)) return false
  return true
}

/** The text of a stretch of ASCII bytes, `end` not included. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let at = start
  // Eight at a time: half the time of one at a time, and of handing over the stretch as a whole.
  for (; at + 8 <= end; at += 8) text += eightCharacters(bytes, at)
  for (; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

function eightCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] ?? 0,
    bytes[at + 1] ?? 0,
    bytes[at + 2] ?? 0,
    bytes[at + 3] ?? 0,
    bytes[at + 4] ?? 0,
    bytes[at + 5] ?? 0,
    bytes[at + 6] ?? 0,
    bytes[at + 7] ?? 0,
  )
}

/** Every tag of the list as a text of its own, for who needs them all. */
export function textsOf(list: TagList): readonly string[] {
  return Array.from({ length: list.length }, (_, at) => tagAt(list, at))
}

const questionMark = 63
