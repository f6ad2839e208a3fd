import { isDigit } from './read-tag.ts'
import { tagListOf } from './tag-list.ts'

/** A text in ASCII: a stretch of bytes, `end` not included. */
export interface Stretch {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** A text as a stretch. */
export function stretchOf(text: string): Stretch {
  const { bytes } = tagListOf([text])
  return { bytes, start: 0, end: bytes.length }
}

const dot = 46

/** How many numbers with dots between them stand behind a prefix of `behind` characters; at least 1. */
export function writtenNumbers({ bytes, start, end }: Stretch, behind: number): number {
  let count = 1
  for (let at = start + behind; at < end; at++) {
    const code = bytes[at] ?? 0
    if (isDigit(code)) continue
    if (code !== dot || at + 1 >= end || at === start + behind || !isDigit(bytes[at + 1] ?? 0)) break
    count++
  }
  return count
}

/** The order of tags that are one version (`1.2.3`, `1.02.3`): fewer numbers, then the shorter, then by code units. */
export function compareSpellings(a: Stretch, b: Stretch, behind: number): number {
  return writtenNumbers(a, behind) - writtenNumbers(b, behind) || compareStretches(a, b)
}

/** The shorter first, then by code units. */
export function compareStretches(a: Stretch, b: Stretch): number {
  const length = a.end - a.start
  const longer = length - (b.end - b.start)
  if (longer !== 0) return longer
  for (let at = 0; at < length; at++) {
    const difference = (a.bytes[a.start + at] ?? 0) - (b.bytes[b.start + at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
