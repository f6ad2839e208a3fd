import { isDate } from '../tag/dates.ts'
import { readSuffix, type Suffix, type SuffixReader } from '../tag/fields.ts'
import { isDigit, isLetter } from '../tag/legal.ts'
import { endOf, endOfCommit, isOfWord, isSeparator, type NumberPart, type Part } from '../tag/parts.ts'
import { isOpen } from './grammar.ts'

/** What tags end with: a suffix, with what learning looks for in it. */
export interface Ending extends Suffix {
  /** Its numbers of which only the list can tell what they are. */
  readonly open: readonly Place[]
  /** Whether a `b` with a number stands in it: `9-b112`. */
  readonly hasB: boolean
}

/** A number, and which of the parts it is. */
export interface Place {
  readonly part: NumberPart
  readonly at: number
}

// Thousands of tags end alike; the rest, which no other tag has, is read and forgotten.
const mostEndings = 4_096

/** Reads endings, and remembers them; `onRead` is told each that is not remembered. */
export function rememberEndings(onRead: (ending: Ending) => void): SuffixReader<Ending> {
  const known = new Map<string, Ending>()
  return text => {
    const before = known.get(text)
    if (before !== undefined) return before
    const pattern = patternOf(text)
    const alike = known.get(pattern)
    if (alike !== undefined) return alike
    const ending = endingOf(pattern)
    onRead(ending)
    if (known.size < mostEndings) known.set(pattern, ending)
    return ending
  }
}

// Commits, dates and long numbers are what they are, whichever it is: one stands for all.
function patternOf(text: string): string {
  let [pattern, done] = ['', 0]
  for (let at = 0; at < text.length;) {
    const start = endOf(text, at, isSeparator)
    at = endOf(text, start, isOfWord)
    const commit = start === 0 ? undefined : endOfCommit(text, start, at)
    const digits = commit === undefined ? startOfLongNumber(text, start, at) : at
    if (commit !== undefined) pattern += text.slice(done, start) + anyCommit
    else if (digits < at)
      pattern += text.slice(done, digits) + (isDate(text, digits, at) ? anyDate : anyNumber)
    else continue
    done = commit ?? at
  }
  return done === 0 ? text : pattern + text.slice(done)
}

const [anyCommit, anyDate, anyNumber] = ['0abcdef', '20000101', '99999']
const shortestLong = 5 // see `settledRole`

// Where the digits start with which a word ends, if they are many and belong to no version; else its end.
function startOfLongNumber(text: string, start: number, end: number): number {
  const digits = endOf(text, start, isLetter)
  const isOfVersion = (digits === start && text[start - 1] === '.') || /^\.\d/.test(text.slice(end, end + 2))
  const isLong = end - digits >= shortestLong && endOf(text, digits, isDigit) === end
  return isLong && !isOfVersion ? digits : end
}

function endingOf(text: string): Ending {
  const suffix = readSuffix(text)
  return {
    ...suffix,
    open: suffix.parts.flatMap((part, at) => (isOpen(part) ? [{ part, at }] : [])),
    hasB: suffix.parts.some(isB),
  }
}

function isB(part: Part): boolean {
  return part.kind === 'number' && part.isGlued && /^b$/i.test(part.word)
}
