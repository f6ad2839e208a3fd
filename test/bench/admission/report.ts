/** One server in one round. */
export interface Measurement {
  /** Microseconds. */
  readonly cpuPerRequest: number
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Both servers in one round. */
export interface Round {
  readonly product: Measurement
  readonly bare: Measurement
}

/** One kind of review, and what its rounds were. */
export interface Series {
  readonly title: string
  /** The most that the product may use of the processor, as a multiple of the bare server. */
  readonly goal: number | undefined
  readonly rounds: readonly Round[]
}

const columns = [
  { name: 'CPU µs/request', value: (of: Measurement) => of.cpuPerRequest, digits: 0, best: Math.min },
  { name: 'requests/s', value: (of: Measurement) => of.requestsPerSecond, digits: 0, best: Math.max },
  { name: 'p50 ms', value: (of: Measurement) => of.p50, digits: 2, best: Math.min },
  { name: 'p99 ms', value: (of: Measurement) => of.p99, digits: 2, best: Math.min },
]
const nameWidth = 18
const columnWidth = 18

/** The table of a series, best / median of its rounds, and the ratio that counts. */
export function reportOf({ title, goal, rounds }: Series): string {
  const heads = columns.map(({ name }) => name.padStart(columnWidth)).join('')
  const ratios = rounds.map(({ product, bare }) => product.cpuPerRequest / bare.cpuPerRequest)
  const ratio = median(ratios)
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  return [
    title,
    `${''.padEnd(nameWidth)}${heads}`,
    rowOf(
      'bare node:https',
      rounds.map(({ bare }) => bare),
    ),
    rowOf(
      'patchline',
      rounds.map(({ product }) => product),
    ),
    `CPU per request, patchline / bare, median of same-round ratios: ${ratio.toFixed(2)} (${range})`,
    ...(goal === undefined ? [] : [`goal: at most ${goal} — ${ratio <= goal ? 'met' : 'missed'}`]),
  ].join('\n')
}

function rowOf(name: string, measurements: readonly Measurement[]): string {
  const cells = columns.map(({ value, digits, best }) => {
    const values = measurements.map(value)
    return `${best(...values).toFixed(digits)} / ${median(values).toFixed(digits)}`.padStart(columnWidth)
  })
  return name.padEnd(nameWidth) + cells.join('')
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]]
  return (low + high) / 2
}
