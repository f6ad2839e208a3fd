const minute = 60_000
const units: Readonly<Record<string, number>> = {
  m: minute,
  h: 60 * minute,
  d: 24 * 60 * minute,
  w: 7 * 24 * 60 * minute,
}

/** The milliseconds of a time span: `30m`, `72h`, `7d`, `2w`; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(0|[1-9]\d{0,4})([mhdw])$/.exec(text) ?? []
  const length = units[unit]
  return count === undefined || length === undefined ? undefined : Number(count) * length
}
