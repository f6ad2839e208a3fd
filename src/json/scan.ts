/** The bytes of JSON's punctuation (RFC 8259, 2). */
export const punctuation = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  backslash: 0x5c,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

const { quote, comma, backslash, openBracket, closeBracket, openBrace, closeBrace } = punctuation

/** The place of the first byte at or after `start` that is no white space. */
export function skipSpace(json: Uint8Array, start: number): number {
  let at = start
  while (isSpace(json[at])) at++
  return at
}

/** The place after the string that begins at `start`; -1 where the JSON ends before it does. */
export function skipString(json: Uint8Array, start: number): number {
  let at = start + 1
  for (;;) {
    const near = Math.min(json.length, at + shortString)
    while (at < near && json[at] !== quote) at += json[at] === backslash ? 2 : 1
    if (json[at] === quote) return at + 1
    const end = json.indexOf(quote, at)
    if (end < 0) return -1
    if (!isEscaped(json, at, end)) return end + 1
    at = end + 1
  }
}

/** Within so many bytes a loop finds the end sooner than a call of `indexOf`, which is many times as fast after it. */
const shortString = 64

/** Whether an odd number of backslashes stands before `at`, in a string of which `start` begins a character. */
function isEscaped(json: Uint8Array, start: number, at: number): boolean {
  let before = at
  while (before > start && json[before - 1] === backslash) before--
  return (at - before) % 2 === 1
}

/**
 * The place after the value that begins at `start`; -1 where the JSON ends before it does; `start` itself where no value
 * begins. Strings and brackets are counted and nothing else is checked: what lies between is passed over without being
 * built, so neither its size nor its nesting costs memory.
 */
export function skipValue(json: Uint8Array, start: number): number {
  const first = json[start]
  if (first === quote) return skipString(json, start)
  if (first === openBrace || first === openBracket) return skipToClose(json, start + 1)
  const { length } = json
  let at = start
  while (at < length && !endsScalar(json[at])) at++
  return at
}

/** The place after the bracket that closes the array or object in which `start` stands; -1 where the JSON ends before. */
export function skipToClose(json: Uint8Array, start: number): number {
  const { length } = json
  let depth = 1
  for (let at = start; at < length; at++) {
    const value = json[at] ?? 0
    const bracket = value | lowerCase
    if (value === quote) {
      const end = skipString(json, at)
      if (end < 0) return -1
      at = end - 1
    } else if (bracket === openBrace) depth++
    else if (bracket === closeBrace && --depth === 0) return at + 1
  }
  return -1
}

/** How many values stand between two places at the most: one more than there are commas and opening brackets. */
export function countValues(json: Uint8Array, start: number, end: number): number {
  let count = 1
  for (let at = start; at < end; at++) {
    const value = json[at] ?? 0
    if (value === quote) {
      const next = skipString(json, at)
      if (next < 0) return count
      at = next - 1
    } else if (value === comma || (value | lowerCase) === openBrace) count++
  }
  return count
}

// Makes `{` of `[ and `}` of `]`; outside a string no other byte of JSON becomes one of them.
const lowerCase = 0x20

function isSpace(value: number | undefined): boolean {
  return value === 0x20 || value === 0x0a || value === 0x0d || value === 0x09
}

function endsScalar(value: number | undefined): boolean {
  return isSpace(value) || value === comma || value === closeBracket || value === closeBrace
}
