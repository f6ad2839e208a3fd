import type { ScalarPlace } from './yaml-document.ts'

/** A text inside another one: YAML in a block scalar of YAML. */
export interface EmbeddedText {
  readonly text: string
  /** The offset in the file of an offset in the text. */
  offsetOf(offset: number): number
}

/** The text of a block scalar (`|`) of a file; undefined where the scalar is of another style. */
export function embeddedText({ text, span, style }: ScalarPlace, file: string): EmbeddedText | undefined {
  if (style !== 'literal') return undefined
  const starts: { readonly inner: number; readonly outer: number }[] = []
  let outer = file.indexOf('\n', span.start) + 1
  let inner = 0
  for (const line of text.split('\n')) {
    const end = file.indexOf('\n', outer)
    const written = file.slice(outer, end < 0 ? file.length : end).replace(/\r$/, '')
    // The indentation is cut off, and nothing else.
    if (!written.endsWith(line)) return undefined
    starts.push({ inner, outer: outer + written.length - line.length })
    inner += line.length + 1
    outer = end < 0 ? file.length : end + 1
  }
  return {
    text,
    offsetOf(offset) {
      const line = starts.findLast(start => start.inner <= offset)
      return line === undefined ? span.start : line.outer + offset - line.inner
    },
  }
}
