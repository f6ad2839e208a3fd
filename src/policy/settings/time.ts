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
