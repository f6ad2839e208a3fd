import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import type { Drift, DriftReport } from '../audit/index.ts'
import {
  families,
  labelledRow,
  totalLabels,
  totals,
  type LabelledRow,
  type MetricsLevel,
} from './drift-series.ts'
import { createDriftText, noText, type CompressedText, type DriftText } from './drift-text.ts'

/** What a drift exposition may cost. */
export interface DriftExpositionOptions {
  readonly level: MetricsLevel
  /** The most series: first those of `totals`, then family by family, in each the outdated containers first. */
  readonly mostSeries: number
}

/** The drift report as Prometheus scrapes it, written once for each report and not once for each scrape. */
export interface DriftExposition {
  /** Writes a report; scrapes are answered with the one before until it is done. Takes turns with other work. */
  update(report: DriftReport): Promise<void>
  /** Back to no report: another replica tells now, and two that tell would contradict each other. */
  clear(): void
  /** The text format 0.0.4, compressed, which is all that is kept; no bytes before the first report. */
  compressed(): CompressedText
  /** The same text, uncompressed as it is read. */
  plain(): Readable
  size(): ExpositionSize
}

/** How many series there are, and how many more there would be without the limit. */
export interface ExpositionSize {
  readonly series: number
  readonly dropped: number
}

/** An exposition of no report. */
export function createDriftExposition(options: DriftExpositionOptions): DriftExposition {
  let written = nothing
  let newest = 0
  return {
    async update(report) {
      const order = ++newest
      const fresh = await write(report, options)
      if (order === newest) written = fresh // otherwise another report came meanwhile, or none is wanted
    },
    clear() {
      newest++
      written = nothing
    },
    compressed: () => written.text,
    plain: () => uncompressed(written.text),
    size: () => ({ series: written.series, dropped: written.dropped }),
  }
}

interface Written extends ExpositionSize {
  readonly text: CompressedText
}

const nothing: Written = { text: noText, series: 0, dropped: 0 }

async function write(report: DriftReport, { level, mostSeries }: DriftExpositionOptions): Promise<Written> {
  const text = createDriftText()
  const limit = createLimit(mostSeries)
  if (level !== 'off') await writeTotals(text, limit, report)
  if (level === 'workload') await writeRows(text, limit, report)
  return { text: await text.finish(), ...limit.size() }
}

async function writeTotals(text: DriftText, limit: Limit, { rows }: DriftReport): Promise<void> {
  const counts = new Map<string, number>()
  await inSlices(text, rows, row => {
    const labels = totalLabels(row)
    counts.set(labels, (counts.get(labels) ?? 0) + 1)
  })
  text.begin(totals)
  await inSlices(text, [...counts], ([labels, count]) => {
    if (limit.take()) text.line(`${totals.name}{${labels}} ${count}`)
  })
}

async function writeRows(text: DriftText, limit: Limit, { rows, finishedAt }: DriftReport): Promise<void> {
  const labelled = await labelRows(text, rows, finishedAt)
  for (const family of families) {
    text.begin(family)
    // oxlint-disable-next-line eslint/no-await-in-loop -- the lines of a family stand together
    await inSlices(text, labelled, row => {
      const series = family.series(row)
      if (series !== undefined && limit.take()) text.line(family.name + series)
    })
  }
}

// During a rollout a container has two rows, and a second series with the same labels would spoil the scrape: the outdated
// one stays.
async function labelRows(
  text: DriftText,
  rows: readonly Drift[],
  finishedAt: number,
): Promise<readonly LabelledRow[]> {
  const outdated: LabelledRow[] = []
  const others: LabelledRow[] = []
  await inSlices(text, rows, row => {
    const labelled = labelledRow(row, finishedAt)
    if (labelled.verdict === 'outdated') outdated.push(labelled)
    else others.push(labelled)
  })
  const seen = new Set<string>()
  const kept: LabelledRow[] = []
  for (const list of [outdated, others])
    // oxlint-disable-next-line eslint/no-await-in-loop -- the outdated ones first
    await inSlices(text, list, row => {
      if (seen.has(row.labels)) return
      seen.add(row.labels)
      kept.push(row)
    })
  return kept
}

interface Limit {
  /** Whether there is room for one more series. */
  take(): boolean
  size(): ExpositionSize
}

function createLimit(most: number): Limit {
  let series = 0
  let dropped = 0
  return {
    take() {
      if (series >= most) dropped++
      else series++
      return dropped === 0
    },
    size: () => ({ series, dropped }),
  }
}

// A row takes one to five microseconds: so many at a time stay near a millisecond, also on a slow core.
const slice = 200

async function inSlices<T>(text: DriftText, items: readonly T[], work: (item: T) => void): Promise<void> {
  for (let start = 0; start < items.length; start += slice) {
    for (const item of items.slice(start, start + slice)) work(item)
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that others get their turn
    await text.rest()
  }
}

// RFC 1951, 3.2.3: a block that is the last one, with fixed codes, and holds nothing but its end.
const lastBlock = Buffer.from([0x03, 0x00])

function uncompressed({ pieces }: CompressedText): Readable {
  if (pieces.length === 0) return Readable.from([])
  const source = Readable.from([...pieces, lastBlock])
  const text = createInflateRaw({ chunkSize: 64 * 1024 })
  text.once('close', () => source.destroy()) // the reader has gone
  return source.pipe(text)
}
