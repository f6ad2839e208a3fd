import { isDate, isDay } from './dates.ts'
import { isDigit, isLetter } from './legal.ts'
import { exactDigits, numeral, type Numeral } from './numeral.ts'
import { isStageLetter, stageOf } from './words.ts'

/** The numbers of a version and where they stand in a tag. */
export interface Core {
  readonly start: number
  readonly end: number
  readonly numbers: readonly Numeral[]
  /** `date`: year, month, day, and what follows them; `counter`: a lone number of six digits or more. */
  readonly kind: 'version' | 'date' | 'counter'
}

/** The core whose first digit stands at a place; undefined where the digits with what follows them are no version. */
export function readCore(tag: string, start: number): Core | undefined {
  const { numbers, end, firstEnd } = dottedNumbers(tag, start)
  if (isRange(tag, end)) return undefined
  if (firstEnd - start >= shortestDate && isDate(tag.slice(start, firstEnd)))
    return dateCore(tag, { start, firstEnd, end, rest: numbers.slice(1) })
  if (numbers.length > 1) return { start, end, numbers, kind: 'version' }
  return joinedDate(tag, start) ?? underscored(tag, start) ?? updateOf(tag, start) ?? single(tag, start, end)
}

interface Dotted {
  readonly numbers: readonly Numeral[]
  readonly end: number
  /** Where the first number ends. */
  readonly firstEnd: number
}

function dottedNumbers(tag: string, start: number): Dotted {
  const firstEnd = endOfDigits(tag, start)
  const numbers = [numberIn(tag, start, firstEnd)]
  let end = firstEnd
  while (numbers.length < mostNumbers && tag.charCodeAt(end) === dot && isDigit(tag.charCodeAt(end + 1))) {
    const from = end + 1
    end = endOfDigits(tag, from)
    numbers.push(numberIn(tag, from, end))
  }
  return { numbers, end, firstEnd }
}

const dot = 46
const shortestDate = 8
// Seven are the most that were seen (`3.11.2023.08.02.10` has six); more are text.
const mostNumbers = 8

function endOfDigits(tag: string, start: number): number {
  let end = start + 1
  while (isDigit(tag.charCodeAt(end))) end++
  return end
}

// The value of the digits, without a text for each.
function numberIn(tag: string, start: number, end: number): Numeral {
  if (end - start > exactDigits) return numeral(tag.slice(start, end))
  let value = 0
  for (let at = start; at < end; at++) value = value * 10 + tag.charCodeAt(at) - zero
  return value
}

const zero = 48

/** Whether what follows a core makes it no version: `1.x` stands for many; behind a dot at the end, or before a separator, something is missing. */
export function isRange(tag: string, end: number): boolean {
  return tag.charCodeAt(end) === dot && /^\.(?:x(?![A-Za-z0-9])|[-_.]|$|\d)/i.test(tag.slice(end, end + 3))
}

interface Dated {
  readonly start: number
  /** The end of the day, and the time behind it. */
  readonly firstEnd: number
  readonly end: number
  readonly rest: readonly Numeral[]
}

// A day is three numbers, so that `minor` stays in its year. A lone day may be any kind of number.
function dateCore(tag: string, { start, firstEnd, end, rest }: Dated): Core | undefined {
  if (start === 0 && end === tag.length && rest.length === 0) return undefined
  const day = tag.slice(start, firstEnd)
  const time = day.slice(shortestDate)
  const numbers = [day.slice(0, 4), day.slice(4, 6), day.slice(6, 8), ...(time === '' ? [] : [time])].map(
    numeral,
  )
  return { start, end, numbers: [...numbers, ...rest], kind: 'date' }
}

const dashedDate = /(\d{4})([-_])(\d\d)(?:\2(\d\d))?(?![0-9A-Za-z.])/y

function joinedDate(tag: string, start: number): Core | undefined {
  if (!isDigit(tag.charCodeAt(start + 3))) return undefined
  dashedDate.lastIndex = start
  const [whole, year = '', , month = '', day] = dashedDate.exec(tag) ?? []
  if (whole === undefined || day === undefined || !isDay(year, month, day)) return undefined
  return { start, end: start + whole.length, numbers: [year, month, day].map(numeral), kind: 'date' }
}

const underscores = /\d+(?:_\d+){2,5}(?![0-9A-Za-z.])/y

// `33_01_137`
function underscored(tag: string, start: number): Core | undefined {
  if (!tag.includes('_', start)) return undefined
  underscores.lastIndex = start
  const [whole] = underscores.exec(tag) ?? []
  if (whole === undefined) return undefined
  return { start, end: start + whole.length, numbers: whole.split('_').map(numeral), kind: 'version' }
}

const update = /(\d{1,3})u(\d{1,5})(?![0-9A-Za-z])/y

// `8u382` is Java's way to write 8.0.382.
function updateOf(tag: string, start: number): Core | undefined {
  if (!tag.includes('u', start)) return undefined
  update.lastIndex = start
  const [whole, release = '', level = ''] = update.exec(tag) ?? []
  if (whole === undefined) return undefined
  return { start, end: start + whole.length, numbers: [release, '0', level].map(numeral), kind: 'version' }
}

// One number of six digits or more is a date or a build id.
const longestSingle = 5
const yearAndMonth = /^(?:19|20)\d\d[-_](?:0[1-9]|1[0-2])(?![0-9a-zA-Z.])/

function single(tag: string, start: number, end: number): Core | undefined {
  const core = { start, end, numbers: [numeral(tag.slice(start, end))] }
  if (end - start > longestSingle)
    return start <= 1 && end === tag.length ? { ...core, kind: 'counter' } : undefined
  if (yearAndMonth.test(tag.slice(start))) return undefined
  if (isLetter(tag.charCodeAt(end)) && !isWordOfSingle(tag.slice(end))) return undefined
  return { ...core, kind: 'version' }
}

// Glued to a lone number a letter is a commit sooner than a pre-release, but for builds of Java (`6b34`).
function isWordOfSingle(rest: string): boolean {
  if (/^b\d{2,3}(?![0-9A-Za-z])/.test(rest)) return true
  const word = /^([A-Za-z]+)(?:\.?\d+)?(?=[-_.]|$)/.exec(rest)?.[1]
  return word !== undefined && !isStageLetter(word) && stageOf(word) !== undefined
}
