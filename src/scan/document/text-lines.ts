/** A place in a text, counted from 1; columns are UTF-16 units, as in SARIF by default. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A part of a text: the offsets of its first character and of the one behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The lines of a text. */
export interface TextLines {
  readonly count: number
  positionOf(offset: number): Position
  /** A line (from 1) without its line break; empty where there is none. */
  line(number: number): string
}

/** Counts the lines of a text once; a line ends in `\n`, or in a `\r` without one, as YAML has it. */
export function textLines(text: string): TextLines {
  const starts = [0]
  for (const { index, 0: lineBreak } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + lineBreak.length)
  return {
    count: starts.length,
    positionOf(offset) {
      const line = lastAtMost(starts, offset)
      return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 }
    },
    line(number) {
      const start = starts[number - 1]
      return start === undefined ? '' : text.slice(start, starts[number]).replace(/[\r\n]+$/, '')
    },
  }
}

/** The index of the last of some ascending numbers that is not above a limit. */
function lastAtMost(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((ascending[middle] ?? Infinity) <= limit) low = middle
    else high = middle - 1
  }
  return low
}
