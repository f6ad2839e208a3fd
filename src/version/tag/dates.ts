const firstYear = 1990
const lastYear = 2099

/** Whether the digits begin with a day, `20240131`, with nothing or a time of day behind it. */
export function isDate(digits: string): boolean {
  return dateLengths.has(digits.length) && isDay(digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8))
}

// A day; with the hour, the minute, the second.
const dateLengths = new Set([8, 10, 12, 14])

/** Whether year, month and day are those of a day. */
export function isDay(year: string, month: string, day: string): boolean {
  return isWithin(year, firstYear, lastYear) && isWithin(month, 1, 12) && isWithin(day, 1, 31)
}

function isWithin(digits: string, least: number, most: number): boolean {
  const value = Number(digits)
  return value >= least && value <= most
}
