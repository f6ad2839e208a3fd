const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const units: ReadonlyMap<string, number> = new Map([
  ['m', minute],
  ['h', hour],
  ['d', day],
  ['w', 7 * day],
])

const duration = /^(0|[1-9][0-9]{0,4})([mhdw])$/

/** A time span as policies write it, a number and a unit (`7d`), in milliseconds; undefined where the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = duration.exec(text) ?? []
  const milliseconds = units.get(unit)
  return milliseconds === undefined ? undefined : Number(count) * milliseconds
}

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
