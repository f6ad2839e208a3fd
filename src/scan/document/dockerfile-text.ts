import { tracedPart, joined, type Segment, type TracedText } from './traced-text.ts'
import type { Span } from './text-lines.ts'

/** A word of an instruction. */
export interface Word extends Segment {
  /** The offset of its first character, also of a word that goes on in another line. */
  readonly at: number
}

/** An instruction of a Dockerfile: its name in capitals, and its words. */
export interface Instruction {
  readonly name: string
  readonly words: readonly Word[]
  readonly start: number
}

/** A Dockerfile as its instructions, without comments, here-documents and line continuations. */
export interface DockerfileText {
  readonly instructions: readonly Instruction[]
  /** The directive `# syntax=…`: the image that reads the file. */
  readonly syntax: Word | undefined
}

interface Line extends Span {
  readonly text: string
}

/** Parses a Dockerfile, by the reference of its format (docs.docker.com/reference/dockerfile). */
export function parseDockerfile(text: string): DockerfileText {
  const lines = linesOf(text)
  const directives = directivesOf(lines)
  const escape = directives.get('escape')?.text === '`' ? '`' : '\\'
  const instructions: Instruction[] = []
  for (let at = 0; at < lines.length;) {
    const { pieces, next } = logicalLine(lines, at, escape)
    const words = wordsOf(pieces)
    const [first, ...rest] = words
    at = next
    if (first === undefined) continue
    const name = first.text.toUpperCase()
    instructions.push({ name, words: rest, start: first.at })
    if (takesHereDocuments.has(name)) at = afterHereDocuments(joined(pieces), lines, at)
  }
  return { instructions, syntax: directives.get('syntax') }
}

const takesHereDocuments: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD'])

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = []
  let start = text.startsWith('\uFEFF') ? 1 : 0
  for (const { index } of text.matchAll(/\n|$/g)) {
    if (index < start) continue
    const line = text.slice(start, index).replace(/\r$/, '')
    lines.push({ text: line, start, end: start + line.length })
    start = index + 1
  }
  return lines
}

// Directives are comments at the very top, each at most once.
function directivesOf(lines: readonly Line[]): ReadonlyMap<string, Word> {
  const directives = new Map<string, Word>()
  for (const { text, start } of lines) {
    const match = /^#\s*([a-z]+)\s*=\s*(\S+)\s*$/i.exec(text)
    const [whole, key = '', value = ''] = match ?? []
    if (whole === undefined || directives.has(key.toLowerCase())) break
    const at = start + whole.lastIndexOf(value)
    directives.set(key.toLowerCase(), { text: value, start: at, at })
  }
  return directives
}

// Comments and blank lines inside a continued instruction are left out, as BuildKit does.
function logicalLine(
  lines: readonly Line[],
  from: number,
  escape: string,
): { readonly pieces: TracedText; readonly next: number } {
  const pieces: Segment[] = []
  let next = from
  for (; next < lines.length; next++) {
    const line = lines[next]
    if (line === undefined || /^\s*#/.test(line.text)) {
      if (pieces.length === 0) return { pieces, next: next + 1 }
      continue
    }
    const continued = isContinued(line.text, escape)
    const text = continued ? line.text.slice(0, line.text.lastIndexOf(escape)) : line.text
    pieces.push({ text, start: line.start })
    if (!continued && (text.trim() !== '' || pieces.length === 1)) break
  }
  return { pieces, next: next + 1 }
}

function isContinued(line: string, escape: string): boolean {
  return line.trimEnd().endsWith(escape)
}

function wordsOf(pieces: TracedText): readonly Word[] {
  const text = joined(pieces)
  // A quoted part belongs to the word that it stands in: ARG A="b c".
  const words = text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*'|["'])+/g)
  return [...words].map(({ index, 0: word }) => {
    const place = tracedPart(pieces, index, index + word.length)
    const at = tracedPart(pieces, index, index + 1)?.start ?? 0
    return { text: word, start: place?.start, at }
  })
}

function afterHereDocuments(instruction: string, lines: readonly Line[], from: number): number {
  let at = from
  for (const [, dash, , name] of instruction.matchAll(/<<(-?)(["']?)([A-Za-z_][A-Za-z0-9_]*)\2/g)) {
    const isEnd = ({ text }: Line): boolean => (dash === '-' ? text.replace(/^\t+/, '') : text) === name
    const end = lines.findIndex((line, index) => index >= at && isEnd(line))
    // Without its end it is the rest of the file.
    at = end < 0 ? lines.length : end + 1
  }
  return at
}
