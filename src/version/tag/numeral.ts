/** A number of any size: exact in a comparison whatever the mixture (`1 < 2n` is exact by the language's definition). */
export type Numeral = number | bigint

/** Numbers up to this many digits are exact as a `number`. */
export const exactDigits = 15

/** The value of decimal digits, exact at any length; of a stretch of a text without a text for it. */
export function numeral(text: string, start = 0, end = text.length): Numeral {
  if (end - start > exactDigits) return smallest(BigInt(text.slice(start, end)))
  let value = 0
  for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - zero
  return value
}

const zero = 48

// One value must have one representation, so that equal numbers are found equal by any means: `007…7` may be small.
function smallest(value: bigint): Numeral {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** -1, 0 or 1 as `a` is less than, equal to or greater than `b`. */
export function compareNumerals(a: Numeral, b: Numeral): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0
}

/** -1, 0 or 1 number by number; those that are not there are 0, or what is said. */
export function compareNumbers(a: readonly Numeral[], b: readonly Numeral[], missing = 0): -1 | 0 | 1 {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareNumerals(a[at] ?? missing, b[at] ?? missing)
    if (order !== 0) return order
  }
  return 0
}

/** The same of what counts builds, where none comes before the first: `4`, `4.0`, `4.1`. */
export function compareCounts(a: readonly Numeral[], b: readonly Numeral[]): -1 | 0 | 1 {
  return compareNumbers(a, b, -1)
}
