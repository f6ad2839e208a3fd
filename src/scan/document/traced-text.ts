import type { ScalarPlace } from './yaml-document.ts'
import type { Span } from './text-lines.ts'

/** A piece of a text that is put together from several places of a file. */
export interface Segment {
  readonly text: string
  /** The offset in the file of its first character; undefined where the file does not have it as it is. */
  readonly start: number | undefined
  /** A YAML scalar without quotes: what takes its place must still be read as text. */
  readonly isPlain?: true
}

/** A text with the place of each of its pieces. */
export type TracedText = readonly Segment[]

/** The text itself. */
export function joined(traced: TracedText): string {
  return traced.map(({ text }) => text).join('')
}

/** A text that is in no file. */
export function untraced(text: string): Segment {
  return { text, start: undefined }
}

/** The text of a scalar; its place is unknown where it has escapes or several lines. */
export function tracedScalar({ text, span, isVerbatim, style, isText }: ScalarPlace): Segment {
  if (!isVerbatim || !isText) return untraced(text)
  return { text, start: span.start, ...(style === 'plain' && { isPlain: true }) }
}

/** The place in the file of a part of a traced text; undefined where no one piece has it. */
export function tracedPart(
  traced: TracedText,
  from: number,
  to: number,
): (Span & Pick<Segment, 'isPlain'>) | undefined {
  let before = 0
  for (const { text, start, isPlain } of traced) {
    const [first, last] = [from - before, to - before]
    if (first >= 0 && last <= text.length && first < text.length) {
      if (start === undefined) return undefined
      const isWhole = first === 0 && last === text.length
      return { start: start + first, end: start + last, ...(isWhole && isPlain && { isPlain }) }
    }
    before += text.length
  }
  return undefined
}

/** A traced text from an offset on. */
export function segmentFrom({ text, start }: Segment, from: number): Segment {
  return { text: text.slice(from), start: start === undefined ? undefined : start + from }
}

/** A traced text up to an offset. */
export function segmentTo({ text, start }: Segment, to: number): Segment {
  return { text: text.slice(0, to), start }
}
