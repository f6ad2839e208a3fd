import { numeral, type Numeral } from './numeral.ts'

/** Whether a stretch of digits begins with a day, `20240131`, with nothing or a time of day behind it. */
export function isDate(text: string, start: number, end: number): boolean {
  if (!dateLengths.has(end - start)) return false
  const [month, day] = [start + 4, start + 6]
  return isDay(numeral(text, start, month), numeral(text, month, day), numeral(text, day, day + 2))
}

// A day; with the hour, the minute, the second.
const dateLengths = new Set([8, 10, 12, 14])

const firstYear = 1990
const lastYear = 2099

/** Whether year, month and day are those of a day. */
export function isDay(year: Numeral, month: Numeral, day: Numeral): boolean {
  return year >= firstYear && year <= lastYear && month >= 1 && month <= 12 && day >= 1 && day <= 31
}
