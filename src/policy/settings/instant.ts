const rfc3339 = /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/

/** The epoch milliseconds of a date or an RFC 3339 instant; undefined for any other text. */
export function instantOf(text: string): number | undefined {
  const day = rfc3339.exec(text)?.[1]
  if (day === undefined) return undefined
  // Date takes a day that a month does not have for one of the next month, which is not what the text means.
  // oxlint-disable eslint/no-restricted-globals -- reads a text and no clock
  const midnight = new Date(`${day}T00:00:00Z`)
  const instant = Date.parse(text)
  // oxlint-enable eslint/no-restricted-globals
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(instant)) return undefined
  return midnight.toISOString().startsWith(day) ? instant : undefined
}
