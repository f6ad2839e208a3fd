import { isDate, isDay, timeBehindDay } from './dates.ts'
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
  const firstEnd = endOfDigits(tag, start)
  const end = endOfDotted(tag, firstEnd)
  if (isRange(tag, end)) return undefined
  if (isDate(tag, start, firstEnd)) return dateCore(tag, { start, firstEnd, end })
  if (end > firstEnd) return dotted(tag, start, end)
  return otherwiseWritten(tag, start, end) ?? single(tag, start, end)
}

function dotted(tag: string, start: number, end: number): Core {
  const numbers = numbersIn(tag, start, end)
  const core = { start, end, numbers, kind: 'version' } as const
  return isDay(numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0) ? dayCore(tag, core) : core
}

// A day with the time that is behind it, if any, as a fourth number.
function dayCore(tag: string, day: Core): Core {
  const time = day.numbers.length === wholeDay ? timeBehindDay(tag, day.end) : undefined
  return time === undefined ? day : { ...day, end: time.end, numbers: [...day.numbers, time.value] }
}

const wholeDay = 3

// Where the numbers end that follow, each behind a dot.
function endOfDotted(tag: string, from: number): number {
  let end = from
  for (let count = 1; count < mostNumbers && isNumberBehindDot(tag, end); count++)
    end = endOfDigits(tag, end + 1)
  return end
}

function isNumberBehindDot(tag: string, at: number): boolean {
  return tag.charCodeAt(at) === dot && isDigit(tag.charCodeAt(at + 1))
}

const dot = 46
// Seven are the most that were seen (`3.11.2023.08.02.10` has six); more are text.
const mostNumbers = 8

// The numbers with a character between each two; three at once, for an array that grows takes room for seventeen.
function numbersIn(tag: string, start: number, end: number): readonly Numeral[] {
  const x = endOfDigits(tag, start)
  if (x === end) return [numeral(tag, start, x)]
  const y = endOfDigits(tag, x + 1)
  if (y === end) return [numeral(tag, start, x), numeral(tag, x + 1, y)]
  const z = endOfDigits(tag, y + 1)
  const three = [numeral(tag, start, x), numeral(tag, x + 1, y), numeral(tag, y + 1, z)]
  return z === end ? three : [...three, ...numbersIn(tag, z + 1, end)]
}

function endOfDigits(tag: string, start: number): number {
  let end = start + 1
  while (isDigit(tag.charCodeAt(end))) end++
  return end
}

/** Whether what follows a core makes it no version: `1.x` stands for many; behind a dot at the end, or before a separator, something is missing. */
export function isRange(tag: string, end: number): boolean {
  return tag.charCodeAt(end) === dot && /^\.(?:x(?![A-Za-z0-9])|[-_.]|$|\d)/i.test(tag.slice(end, end + 3))
}

interface Dated {
  readonly start: number
  /** The end of the day, and the time behind it. */
  readonly firstEnd: number
  readonly end: number
}

// A day is three numbers, so that `minor` stays in its year. A lone day may be any kind of number.
function dateCore(tag: string, { start, firstEnd, end }: Dated): Core | undefined {
  if (start === 0 && firstEnd === tag.length) return undefined
  const [month, day, time] = [start + 4, start + 6, start + 8]
  const numbers = [numeral(tag, start, month), numeral(tag, month, day), numeral(tag, day, time)]
  if (time < firstEnd) numbers.push(numeral(tag, time, firstEnd))
  if (firstEnd < end) numbers.push(...numbersIn(tag, firstEnd + 1, end))
  return dayCore(tag, { start, end, numbers, kind: 'date' })
}

// What follows a lone number tells which of these it may be.
function otherwiseWritten(tag: string, start: number, end: number): Core | undefined {
  const next = tag.charCodeAt(end)
  if (next === letterU) return updateOf(tag, start)
  if (next === dash) return joinedDate(tag, start)
  return next === underscore ? (joinedDate(tag, start) ?? underscored(tag, start)) : undefined
}

const [dash, underscore, letterU] = [45, 95, 117]

const dashedDate = /\d{4}([-_])\d\d\1\d\d(?![0-9A-SU-Za-su-z])/y

function joinedDate(tag: string, start: number): Core | undefined {
  dashedDate.lastIndex = start
  if (!dashedDate.test(tag)) return undefined
  const end = endOfDotted(tag, dashedDate.lastIndex)
  const numbers = numbersIn(tag, start, end)
  const [year = 0, month = 0, day = 0] = numbers
  if (!isDay(year, month, day) || isRange(tag, end)) return undefined
  return dayCore(tag, { start, end, numbers, kind: 'date' })
}

const underscores = /\d+(?:_\d+){2,5}(?![0-9A-Za-z.])/y

// `33_01_137`
function underscored(tag: string, start: number): Core | undefined {
  underscores.lastIndex = start
  if (!underscores.test(tag)) return undefined
  const end = underscores.lastIndex
  return { start, end, numbers: numbersIn(tag, start, end), kind: 'version' }
}

const update = /\d{1,3}u\d{1,5}(?![0-9A-Za-z])/y

// `8u382` is Java's way to write 8.0.382.
function updateOf(tag: string, start: number): Core | undefined {
  update.lastIndex = start
  if (!update.test(tag)) return undefined
  const end = update.lastIndex
  const [release = 0, level = 0] = numbersIn(tag, start, end)
  return { start, end, numbers: [release, 0, level], kind: 'version' }
}

// One number of six digits or more is a date or a build id.
const longestSingle = 5
const monthOrWeek = /(?:19|20)\d\d[-_](?:0[1-9]|1[0-2]|W\d\d)(?![0-9a-zA-Z.])/y

function single(tag: string, start: number, end: number): Core | undefined {
  const isLong = end - start > longestSingle
  monthOrWeek.lastIndex = start
  if (isLong ? start > 1 || end < tag.length : monthOrWeek.test(tag)) return undefined
  if (isLetter(tag.charCodeAt(end)) && !isWordOfSingle(tag, end)) return undefined
  return { start, end, numbers: numbersIn(tag, start, end), kind: isLong ? 'counter' : 'version' }
}

const wordOfSingle = /([A-Za-z]+)(\.?\d+)?(?![0-9A-Za-z])/y

// Glued to a lone number a letter is a commit sooner than a pre-release, but for builds of Java (`6b34`).
function isWordOfSingle(tag: string, at: number): boolean {
  wordOfSingle.lastIndex = at
  const [, word, count = ''] = wordOfSingle.exec(tag) ?? []
  if (word === undefined) return false
  return word === 'b' ? /^\d{2,3}$/.test(count) : !isStageLetter(word) && stageOf(word) !== undefined
}
