const zero = 48
const nine = 57

/**
 * -1, 0 or 1 as people order texts with numbers in them: runs of digits by their value, all else by code units, so
 * `alpine3.9` < `alpine3.18`. Texts that differ only in leading zeros are ordered by code units: 0 means equal texts.
 */
export function compareNaturally(a: string, b: string): -1 | 0 | 1 {
  let at = 0
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  while (at > 0 && isDigit(a.charCodeAt(at - 1))) at--
  return compareRuns(digits(a, at), digits(b, at)) || (a < b ? -1 : a > b ? 1 : 0)
}

// The digits from a place on, without leading zeros; undefined where there are none.
function digits(text: string, from: number): string | undefined {
  let start = from
  while (text.charCodeAt(start) === zero) start++
  let end = start
  while (isDigit(text.charCodeAt(end))) end++
  return end === from ? undefined : text.slice(start, end)
}

function compareRuns(a: string | undefined, b: string | undefined): -1 | 0 | 1 {
  if (a === undefined || b === undefined) return 0
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine
}
