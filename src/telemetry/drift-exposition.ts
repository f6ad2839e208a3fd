import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import type { Drift, DriftReport } from '../audit/index.ts'
import {
  families,
  labelledRow,
  totals,
  type LabelledRow,
  type MetricsLevel,
  type Totals,
} from './drift-series.ts'
import {
  createExpositionWriter,
  noText,
  type CompressedText,
  type ExpositionWriter,
} from './exposition-writer.ts'

export interface DriftExpositionOptions {
  readonly level: MetricsLevel
  /** The most series: first those of `totals`, then family by family, with the outdated containers first in each. */
  readonly mostSeries: number
}

/** The drift report as Prometheus scrapes it, written once for each report and not at each scrape. */
export interface DriftExposition {
  /** Writes a report, in slices between other work; until it is written, scrapes get the one before. */
  update(report: DriftReport): Promise<void>
  /** Removes the report: another replica is the leader now, and two exposed reports would contradict each other. */
  clear(): void
  /** The text format 0.0.4, compressed, which is all that is in memory; no bytes before the first report. */
  compressed(): CompressedText
  /** The same text, decompressed as it is read. */
  plain(): Readable
  size(): ExpositionSize
}

/** The number of series, and how many more there would be without the limit. */
export interface ExpositionSize {
  readonly series: number
  readonly dropped: number
}

/** Creates an exposition, at first without a report. */
export function createDriftExposition(options: DriftExpositionOptions): DriftExposition {
  let written = nothing
  let newest = 0
  return {
    async update(report) {
      const order = ++newest
      const fresh = await write(report, options)
      if (order === newest) written = fresh // else another report has come since, or none is wanted
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
  const writer = createExpositionWriter()
  const limit = createLimit(mostSeries)
  if (level !== 'off') await writeTotals(writer, limit, report)
  if (level === 'workload') await writeRows(writer, limit, report)
  return { text: await writer.finish(), ...limit.size() }
}

async function writeTotals(writer: ExpositionWriter, limit: Limit, { rows }: DriftReport): Promise<void> {
  for (const family of totals) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- the lines of a family follow each other
    await writeTotalsOf(family, { writer, limit, rows })
  }
}

async function writeTotalsOf(
  family: Totals,
  { writer, limit, rows }: { writer: ExpositionWriter; limit: Limit; rows: DriftReport['rows'] },
): Promise<void> {
  const counts = new Map<string, number>()
  await inSlices(writer, rows, row => {
    const labels = family.labels(row)
    if (labels !== undefined) counts.set(labels, (counts.get(labels) ?? 0) + 1)
  })
  writer.beginFamily(family)
  await inSlices(writer, [...counts], ([labels, count]) => {
    if (limit.take()) writer.addLine(`${family.name}{${labels}} ${count}`)
  })
}

async function writeRows(
  writer: ExpositionWriter,
  limit: Limit,
  { rows, finishedAt }: DriftReport,
): Promise<void> {
  const labelled = await labelRows(writer, rows, finishedAt)
  for (const family of families) {
    writer.beginFamily(family)
    // oxlint-disable-next-line eslint/no-await-in-loop -- the lines of a family follow each other
    await inSlices(writer, labelled, row => {
      const series = family.series(row)
      if (series !== undefined && limit.take()) writer.addLine(family.name + series)
    })
  }
}

// During a rollout a container has two rows, and a second series with the same labels would make the scrape invalid: the
// outdated one stays.
async function labelRows(
  writer: ExpositionWriter,
  rows: readonly Drift[],
  finishedAt: number,
): Promise<readonly LabelledRow[]> {
  const outdated: LabelledRow[] = []
  const others: LabelledRow[] = []
  await inSlices(writer, rows, row => {
    const labelled = labelledRow(row, finishedAt)
    if (labelled.verdict === 'outdated') outdated.push(labelled)
    else others.push(labelled)
  })
  const seen = new Set<string>()
  const kept: LabelledRow[] = []
  for (const list of [outdated, others])
    // oxlint-disable-next-line eslint/no-await-in-loop -- the outdated ones first
    await inSlices(writer, list, row => {
      if (seen.has(row.labels)) return
      seen.add(row.labels)
      kept.push(row)
    })
  return kept
}

interface Limit {
  /** Counts one more series; false if there is no room for it. */
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

// A row takes one to five microseconds: so many take about a millisecond, also on a slow core.
const slice = 200

async function inSlices<T>(
  writer: ExpositionWriter,
  items: readonly T[],
  work: (item: T) => void,
): Promise<void> {
  for (let start = 0; start < items.length; start += slice) {
    for (const item of items.slice(start, start + slice)) work(item)
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that other work gets its turn
    await writer.yield()
  }
}

// RFC 1951, 3.2.3: the last block of a stream, with fixed codes and no data.
const lastBlock = Buffer.from([0x03, 0x00])

function uncompressed({ pieces }: CompressedText): Readable {
  if (pieces.length === 0) return Readable.from([])
  const source = Readable.from([...pieces, lastBlock])
  const text = createInflateRaw({ chunkSize: 64 * 1024 })
  text.once('close', () => source.destroy()) // the client has disconnected
  return source.pipe(text)
}
