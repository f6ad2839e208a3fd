const rfc3339 = /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/

/** The epoch milliseconds of a date or an RFC 3339 instant; undefined for any other text. */
export function instantOf(text: string): number | undefined {
  const date = rfc3339.exec(text)?.[1]
  if (date === undefined) return undefined
  // Date takes a day that a month does not have for one of the next month, which is not what the text means.
  // oxlint-disable eslint/no-restricted-globals -- reads a text and no clock
  const midnight = new Date(`${date}T00:00:00Z`)
  const instant = Date.parse(text)
  // oxlint-enable eslint/no-restricted-globals
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(instant)) return undefined
  return midnight.toISOString().startsWith(date) ? instant : undefined
}

/** An instant (epoch milliseconds) as people read it, to the minute: `2026-12-24T08:00Z`. */
export function spellInstant(instant: number): string {
  return `${isoOf(instant).slice(0, '2026-12-24T08:00'.length)}Z`
}

/** The day of an instant (epoch milliseconds) in UTC: `2026-12-24`. */
export function spellDay(instant: number): string {
  return isoOf(instant).slice(0, '2026-12-24'.length)
}

function isoOf(instant: number): string {
  // oxlint-disable-next-line eslint/no-restricted-globals -- spells an instant and reads no clock
  return new Date(instant).toISOString()
}
