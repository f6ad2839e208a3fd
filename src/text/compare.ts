/** The order of two texts by their UTF-16 code units, the same on every machine. */
export function compareTexts(one: string, other: string): -1 | 0 | 1 {
  return one < other ? -1 : one > other ? 1 : 0
}
