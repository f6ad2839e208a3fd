import { numeral, type Numeral } from './numeral.ts'

/** Whether a stretch of digits begins with a day, `20240131`, with nothing or a time of day behind it. */
export function isDate(text: string, start: number, end: number): boolean {
  if (!dateLengths.has(end - start)) return false
  const [month, day] = [start + 4, start + 6]
  return isDay(numeral(text, start, month), numeral(text, month, day), numeral(text, day, day + 2))
}

// A day; with the hour, the minute, the second.
const dateLengths = new Set([8, 10, 12, 14])

/** A time of day, as one number: hour, minute, second. */
export interface TimeOfDay {
  readonly value: number
  readonly end: number
}

const time = /(?:[Tt](\d\d)([-_.]?)(\d\d)(?:\2(\d\d))?|[-_.](\d\d)([-_.])(\d\d)\6(\d\d))[Zz]?(?![0-9A-Za-z])/y

/** The time of day directly behind a day: `T02-06-16Z`, `T0206`, `_02.06.16`; undefined where none is written. */
export function timeBehindDay(text: string, at: number): TimeOfDay | undefined {
  time.lastIndex = at
  const [whole, ...digits] = time.exec(text) ?? []
  if (whole === undefined) return undefined
  const [hour = '', minute = '', second = '00'] = digits.filter(group => /^\d/.test(group ?? ''))
  const isTime = hour < '24' && minute < '60' && second < '60'
  return isTime ? { value: Number(hour + minute + second), end: at + whole.length } : undefined
}

const firstYear = 1990
const lastYear = 2099

/** Whether year, month and day are those of a day. */
export function isDay(year: Numeral, month: Numeral, day: Numeral): boolean {
  return year >= firstYear && year <= lastYear && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

/**
 * Whether a number counts something else than a lower one in the same place of other versions: it is a year or a date
 * where that is none, or a hundred times as much. As a patch number (`place` 2) only a date or more: some count builds.
 */
export function isOtherKind(lower: Numeral, value: Numeral, place: number): boolean {
  if (place > 1) return value >= firstDate && lower < firstDate
  if (value >= firstYear && lower < largestCount) return true
  return value >= hundredfold && value >= BigInt(lower) * BigInt(hundredfold)
}

const firstDate = 19_900_101
const largestCount = 1000
const hundredfold = 100
