import { isDate, isDay } from './dates.ts'
import { isDigit, isLetter } from './legal.ts'
import { numeral, type Numeral } from './numeral.ts'
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
  const dotted = dottedNumbers(tag, start)
  if (isRange(tag, dotted.end)) return undefined
  const first = dotted.texts[0] ?? ''
  if (isDate(first)) return dateCore(tag, start, dotted)
  if (dotted.texts.length > 1) return { start, end: dotted.end, numbers: dotted.texts.map(numeral), kind: 'version' }
  return joinedDate(tag, start) ?? underscored(tag, start) ?? updateOf(tag, start) ?? single(tag, start, dotted.end)
}

interface Dotted {
  readonly texts: readonly string[]
  readonly end: number
}

// Seven are the most that were seen (`3.11.2023.08.02.10` has six); more are text.
const mostNumbers = 8

function dottedNumbers(tag: string, start: number): Dotted {
  const texts: string[] = []
  let end = start - 1
  do {
    const first = end + 1
    end = first + 1
    while (isDigit(tag.charCodeAt(end))) end++
    texts.push(tag.slice(first, end))
  } while (texts.length < mostNumbers && tag[end] === '.' && isDigit(tag.charCodeAt(end + 1)))
  return { texts, end }
}

/** Whether what follows a core makes it no version: `1.x` stands for many; behind a dot at the end, or before a separator, something is missing. */
export function isRange(tag: string, end: number): boolean {
  return tag[end] === '.' && /^\.(?:x(?![A-Za-z0-9])|[-_.]|$|\d)/i.test(tag.slice(end, end + 3))
}

// A day is three numbers, so that `minor` stays in its year. A lone day may be any kind of number.
function dateCore(tag: string, start: number, { texts, end }: Dotted): Core | undefined {
  const [day = '', ...rest] = texts
  if (start === 0 && end === tag.length && rest.length === 0) return undefined
  const time = day.slice(8)
  const numbers = [day.slice(0, 4), day.slice(4, 6), day.slice(6, 8), ...(time === '' ? [] : [time]), ...rest]
  return { start, end, numbers: numbers.map(numeral), kind: 'date' }
}

const dashedDate = /(\d{4})([-_])(\d\d)(?:\2(\d\d))?(?![0-9A-Za-z.])/y

function joinedDate(tag: string, start: number): Core | undefined {
  dashedDate.lastIndex = start
  const [whole, year = '', , month = '', day] = dashedDate.exec(tag) ?? []
  if (whole === undefined || day === undefined || !isDay(year, month, day)) return undefined
  return { start, end: start + whole.length, numbers: [year, month, day].map(numeral), kind: 'date' }
}

const underscores = /\d+(?:_\d+){2,5}(?![0-9A-Za-z.])/y

// `33_01_137`
function underscored(tag: string, start: number): Core | undefined {
  underscores.lastIndex = start
  const [whole] = underscores.exec(tag) ?? []
  if (whole === undefined) return undefined
  return { start, end: start + whole.length, numbers: whole.split('_').map(numeral), kind: 'version' }
}

const update = /(\d{1,3})u(\d{1,5})(?![0-9A-Za-z])/y

// `8u382` is Java's way to write 8.0.382.
function updateOf(tag: string, start: number): Core | undefined {
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
  if (end - start > longestSingle) return start <= 1 && end === tag.length ? { ...core, kind: 'counter' } : undefined
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
