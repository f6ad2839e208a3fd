import { isDigit, isLegalByte, isLetter, isV, longestSingle, longestTag, startsWord } from './read-tag.ts'
import type { TagList } from './tag-list.ts'

const dash = 45
const dot = 46
const underscore = 95
const s = 115

/**
 * Whether it is plain from the bytes that a legal tag is no version: branches, commits, dates and words, a sixth of the
 * tags of many repositories. False where the tag must be read to know. Agrees with `readTag`.
 */
export function isPlainlyNoVersion({ bytes }: TagList, start: number, end: number): boolean {
  const first = byteAt(bytes, start, end)
  if (end - start > longestTag || mayBeNoPlainTag(first)) return false
  const core = isV(first) && isDigit(byteAt(bytes, start + 1, end)) ? start + 1 : start
  const startsWithCore = isDigit(byteAt(bytes, core, end))
  if (startsWithCore && !saysTooLittle(bytes, core, end)) return false
  return hasNoDot(bytes, start, end) && (startsWithCore || saysNothingBehindSeparators(bytes, start, end))
}

const none = 0

// `sha256-…` may be a signature's, and a dash in front is illegal.
function mayBeNoPlainTag(first: number): boolean {
  return first === none || first === s || first === dash
}

// A byte that is not beyond the end of its tag.
function byteAt(bytes: Uint8Array, at: number, end: number): number {
  return at < end ? (bytes[at] ?? none) : none
}

function hasNoDot(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? none
    if (code === dot || !isLegalByte(code)) return false
  }
  return true
}

// Behind a prefix that ends at a separator there may be a version, and a `v` in front of it.
function saysNothingBehindSeparators(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) {
    const before = bytes[at - 1]
    if (before !== dash && before !== underscore) continue
    const core = isV(bytes[at] ?? none) ? at + 1 : at
    if (isDigit(byteAt(bytes, core, end)) && !saysTooLittle(bytes, core, end)) return false
  }
  return true
}

// A lone number that is too long, or goes on as a word that we do not know.
function saysTooLittle(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (isDigit(byteAt(bytes, at, end))) at++
  const next = byteAt(bytes, at, end)
  if (next === dot) return false
  if (at - start > longestSingle) return true
  return isLetter(next) && !startsWord(next, byteAt(bytes, at + 1, end))
}
