import { shorten } from '../text/index.ts'

// The longest image that Kubernetes runs: a host, a repository of 255 characters, a tag of 128, and some.
const longest = 700

/** A text as one line of printable text. Control characters, line breaks and marks that turn the direction of text have no place in any of the channels. */
export function oneLine(text: string): string {
  const plain = shorten(text, longest).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return plain.trim() === '' ? '?' : plain
}
