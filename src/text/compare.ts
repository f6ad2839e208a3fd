/** Compares two texts by their UTF-16 code units: the same order on every machine. */
export function compareTexts(one: string, other: string): -1 | 0 | 1 {
  return one < other ? -1 : one > other ? 1 : 0
}

/**
 * Whether a text may be a typing error for another one: a letter or two more, less, or different; a plural; or `password` for
 * `passwordFrom`.
 */
export function isNear(a: string, b: string): boolean {
  const longer = Math.abs(a.length - b.length)
  if (a.startsWith(b) || b.startsWith(a)) return longer <= 4
  if (longer > 3) return false
  const { start, end } = sameEnds(a, b)
  return Math.max(a.length, b.length) - start - end <= (start >= 4 ? 3 : 2)
}

/** Whether at least half of the longer one of two texts is the same: short words are near each other by chance (`on`, `no`). */
export function isHalfSame(a: string, b: string): boolean {
  const { start, end } = sameEnds(a, b)
  return 2 * (start + end) >= Math.max(a.length, b.length)
}

// How many characters two texts share at the start, and how many of the others at the end.
function sameEnds(a: string, b: string): { readonly start: number; readonly end: number } {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start++
  let end = 0
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return { start, end }
}
