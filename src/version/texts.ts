import type { Stretch } from './spelling.ts'
import { asciiText, type TagList } from './tag-list.ts'

/** Many short texts in one piece of memory: a byte for each character, one for each length. */
export interface Texts {
  /** ASCII, one text after another. */
  readonly bytes: Uint8Array
  readonly lengths: Uint8Array
  /** Where every sixteenth text starts: the others are found by adding lengths. */
  readonly starts: Uint32Array
}

const stride = 16

/** The text at a place. */
export function textAt(texts: Texts, at: number): string {
  const { bytes, start, end } = textStretch(texts, at)
  return asciiText(bytes, start, end)
}

/** The same where it stands. */
export function textStretch(texts: Texts, at: number): Stretch {
  const start = startOf(texts, at)
  return { bytes: texts.bytes, start, end: start + (texts.lengths[at] ?? 0) }
}

function startOf({ lengths, starts }: Texts, at: number): number {
  let start = starts[Math.floor(at / stride)] ?? 0
  for (let before = at - (at % stride); before < at; before++) start += lengths[before] ?? 0
  return start
}

/** The first `count` texts without a string for each: their bytes, shared, and where each starts. */
export function firstTexts(
  { bytes, lengths }: Texts,
  count: number,
): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
  const starts = new Uint32Array(count + 1)
  let end = 0
  for (let at = 0; at < count; at++) {
    end += lengths[at] ?? 0
    starts[at + 1] = end
  }
  return { bytes: bytes.subarray(0, end), starts }
}

/** Something that takes texts one after another; each at most 255 characters long. */
export interface TextsBuilder {
  /** Takes the tags at some places of a list. */
  copy(list: TagList, places: Uint32Array): void
  /** Takes a text. */
  write(text: string): void
  finish(): Texts
}

/** A builder for so many texts and bytes at most. */
export function createTextsBuilder(capacity: number, byteCapacity: number): TextsBuilder {
  const bytes = new Uint8Array(byteCapacity)
  const lengths = new Uint8Array(capacity)
  const starts = new Uint32Array(Math.ceil(capacity / stride))
  let count = 0
  let end = 0
  function begin(length: number): number {
    const start = end
    if (count % stride === 0) starts[count / stride] = start
    lengths[count++] = length
    end += length
    return start
  }
  return {
    copy(list, places) {
      const source = list.bytes
      for (let place = 0; place < places.length; place++) {
        const start = list.starts[places[place] ?? 0] ?? 0
        const length = (list.starts[(places[place] ?? 0) + 1] ?? 0) - start
        const to = begin(length)
        for (let at = 0; at < length; at++) bytes[to + at] = source[start + at] ?? 0
      }
    },
    write(text) {
      const to = begin(text.length)
      for (let at = 0; at < text.length; at++) bytes[to + at] = Math.min(text.charCodeAt(at), 127)
    },
    finish: () => ({ bytes: bytes.subarray(0, end), lengths, starts }),
  }
}
