import { isDate, isDay, timeBehindDay } from './dates.ts'
import { isDigit, isLetter } from './legal.ts'
import { numeral, type Numeral } from './numeral.ts'
import { isProcessor } from './words.ts'

/** What stands behind the core of a tag, cut where its kind of text changes. No judgement: what a number means is learned. */
export type Part = TextPart | NumberPart | CommitPart

/** A word, or what is neither word nor number, with the separator before it. */
export interface TextPart {
  readonly kind: 'text'
  readonly text: string
  /** The word alone: `slim` of `-slim`. */
  readonly word: string
}

/** A number, several with dots between them, or a date, with the word that is glued to it: `-alpine3.18`, `-r4`, `_7`. */
export interface NumberPart {
  readonly kind: 'number'
  readonly text: string
  /** What stands before the digits: separator and glued word. */
  readonly lead: string
  /** The word directly before, glued or apart; empty behind the core and behind another number. */
  readonly word: string
  readonly isGlued: boolean
  readonly values: readonly Numeral[]
  readonly digits: string
  readonly isDate: boolean
  /** The text up to here with `#` for each number and `*` for each commit: tags of one slot are learned together. */
  readonly slot: string
}

/** The hash of a commit, which says nothing about order. */
export interface CommitPart {
  readonly kind: 'commit'
  readonly text: string
  readonly slot: string
}

// What is behind the twelfth part stays one text, so that a hostile tag of 128 dashes costs no more than another.
const mostParts = 12

/** The parts of the text behind a core. */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  let before: Before = { at: 0, slot: '', word: '' }
  while (before.at < text.length) {
    const next = parts.length < mostParts ? nextPart(text, before) : restOf(text, before)
    parts.push(next.part)
    before = next
  }
  return parts
}

/** What was read so far. */
interface Before {
  readonly at: number
  readonly slot: string
  /** The last word, as long as nothing but a separator follows it. */
  readonly word: string
}

interface Next extends Before {
  readonly part: Part
}

function restOf(text: string, before: Before): Next {
  const rest = text.slice(before.at)
  return { ...before, at: text.length, part: { kind: 'text', text: rest, word: rest } }
}

function nextPart(text: string, before: Before): Next {
  const start = endOf(text, before.at, isSeparator)
  const end = wideProcessor(text, start) ?? endOf(text, start, isOfWord)
  const piece: Piece = { separator: text.slice(before.at, start), start, chunk: text.slice(start, end) }
  return (
    readCommit(text, piece, before) ??
    readDay(text, piece, before) ??
    readNumber(text, piece, before) ??
    readText(piece, before)
  )
}

/** Letters and digits in one piece, with what stands before them. */
interface Piece {
  readonly separator: string
  readonly start: number
  readonly chunk: string
}

// `x86_64` is one word.
function wideProcessor(text: string, start: number): number | undefined {
  if (text.charCodeAt(start) !== letterX) return undefined
  return /^x86[-_]64(?![0-9A-Za-z])/.test(text.slice(start, start + 7)) ? start + 6 : undefined
}

const letterX = 120

/** Where the characters end that are alike, from a place on. */
export function endOf(text: string, start: number, isAlike: (code: number) => boolean): number {
  let end = start
  while (end < text.length && isAlike(text.charCodeAt(end))) end++
  return end
}

/** Whether the code is that of a letter or a digit; all others separate. */
export function isOfWord(code: number): boolean {
  return isDigit(code) || isLetter(code)
}

/** Whether it is not. */
export function isSeparator(code: number): boolean {
  return !isOfWord(code)
}

function readText({ separator, start, chunk }: Piece, { slot }: Before): Next {
  const text = separator + chunk
  return {
    at: start + chunk.length,
    slot: slot + text,
    word: chunk,
    part: { kind: 'text', text, word: chunk },
  }
}

function readCommit(text: string, { separator, start, chunk }: Piece, { slot }: Before): Next | undefined {
  // Glued to the core it counts something (`1.0b252689`).
  const end = separator === '' && slot === '' ? undefined : endOfCommit(text, start, start + chunk.length)
  if (end === undefined) return undefined
  const own = `${slot}${separator}*`
  return {
    at: end,
    slot: own,
    word: '',
    part: { kind: 'commit', text: separator + text.slice(start, end), slot: own },
  }
}

/**
 * Where the hash of a commit ends with which some letters and digits begin; undefined where they do not. Seven digits or
 * more, with a letter and a digit among them; Git writes a `g` before them, Conda an `h`; a word may be glued to them.
 */
export function endOfCommit(text: string, start: number, end: number): number | undefined {
  const from = text[start] === 'g' || text[start] === 'h' ? start + 1 : start
  const at = endOf(text, from, isHexDigit)
  if (at - from < shortestHash || at - from > longestHash) return undefined
  const isHash = from > start || (endOf(text, from, isDigit) < at && endOf(text, from, isLetter) < at)
  return isHash && (at === end || wordBehindHash.test(text.slice(at, end))) ? at : undefined
}

const [shortestHash, longestHash] = [7, 40]
const wordBehindHash = /^[g-z][a-z]{2,}\d*$/

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102)
}

// `2023-01-12`, and either it or `20230112` with the time of day behind it.
const writtenDay = /(\d{4})([-_.]?)(\d\d)\2(\d\d)(?![0-9A-SU-Za-su-z])/y

function readDay(text: string, { separator, start, chunk }: Piece, before: Before): Next | undefined {
  const day = mayBeDay(chunk) ? dayAt(text, start) : undefined
  if (day === undefined) return undefined
  const time = timeBehindDay(text, day.end)
  const isAlone = chunk.length === yearLength && (text.charCodeAt(day.end) | lowerCase) !== letterT
  if (time === undefined && !isAlone) return undefined
  const digits = time === undefined ? day.digits : day.digits + String(time.value).padStart(6, '0')
  const end = time?.end ?? day.end
  return numbered(text, before, { lead: separator, word: before.word, isGlued: false, digits, end })
}

function mayBeDay(chunk: string): boolean {
  const isLong = chunk.length === yearLength || (chunk.charCodeAt(dayLength) | lowerCase) === letterT
  return isLong && isDigit(chunk.charCodeAt(0))
}

function dayAt(text: string, start: number): { readonly digits: string; readonly end: number } | undefined {
  writtenDay.lastIndex = start
  const [whole, year = '', , month = '', day = ''] = writtenDay.exec(text) ?? []
  if (whole === undefined || !isDay(numeral(year), numeral(month), numeral(day))) return undefined
  return { digits: year + month + day, end: start + whole.length }
}

const [yearLength, dayLength] = [4, 8]
const [lowerCase, letterT] = [32, 116]

// Letters, or letters and digits in turn (`rke2r`), then the last digits.
const wordAndDigits = /^((?:[A-Za-z]+(?:\d+[A-Za-z]+)*)?)(\d+)$/

function readNumber(text: string, { separator, start, chunk }: Piece, before: Before): Next | undefined {
  if (!isDigit(chunk.charCodeAt(chunk.length - 1)) || isProcessor(chunk)) return undefined
  const [, word = '', first] = wordAndDigits.exec(chunk) ?? []
  if (first === undefined) return undefined
  const isGlued = word !== '' || (separator === '' && before.word !== '')
  let end = start + chunk.length
  for (let more = moreNumber(text, end); more > 0; more = moreNumber(text, end)) end = more
  const number = {
    lead: separator + word,
    word: word === '' ? before.word : word,
    isGlued,
    digits: text.slice(start + word.length, end),
    end,
  }
  return numbered(text, before, number)
}

const furtherNumber = /\.\d+(?![0-9A-Za-z])/y

// The end of one more number with a dot before it; 0 for none.
function moreNumber(text: string, at: number): number {
  furtherNumber.lastIndex = at
  return furtherNumber.test(text) ? furtherNumber.lastIndex : 0
}

interface Found {
  readonly lead: string
  readonly word: string
  readonly isGlued: boolean
  readonly digits: string
  readonly end: number
}

function numbered(text: string, { at, slot }: Before, { lead, word, isGlued, digits, end }: Found): Next {
  const own = `${slot}${lead}#`
  const values = digits.split('.').map(value => numeral(value))
  const part = {
    kind: 'number',
    text: text.slice(at, end),
    lead,
    word,
    isGlued,
    values,
    digits,
    isDate: isDate(digits, 0, digits.split('.', 1)[0]?.length ?? 0),
    slot: own,
  } as const
  return { at: end, slot: own, word: '', part }
}
