import { setImmediate as nextTurn } from 'node:timers/promises'
import { isMissing, isOverdue, oldestCheckOf, type Drift, type DriftReport } from '../../audit/index.ts'
import { driftItemOf, instant, select, shownVerdict, type Selection } from '../../report/index.ts'

// Rows that are selected, and items that are written, in one turn of the event loop: about a millisecond each.
const rowsPerTurn = 2_000
const itemsPerTurn = 50

/** A range of the selected rows. */
export interface Page {
  readonly start: number
  readonly limit: number
}

/**
 * A page of a report as JSON. It is written in slices: a page of a large report takes some ten milliseconds, and neither a probe
 * nor the renewal of the lease may wait that long.
 */
export async function pageText(
  report: DriftReport,
  selection: Selection,
  { start, limit }: Page,
): Promise<string> {
  const { finishedAt } = report
  const rows: Drift[] = []
  for (const part of slicesOf(report.rows, rowsPerTurn)) {
    for (const row of select({ rows: part, finishedAt }, selection)) rows.push(row)
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that other work gets its turn
    await nextTurn()
  }
  const end = start + limit
  const head = {
    ...headOf(report, 'DriftReport'),
    total: rows.length,
    continue: end < rows.length ? `${finishedAt}.${end}` : null,
  }
  const items: string[] = []
  for (const part of slicesOf(rows.slice(start, end), itemsPerTurn)) {
    for (const row of part) items.push(JSON.stringify(driftItemOf(row, finishedAt)))
    // oxlint-disable-next-line eslint/no-await-in-loop
    await nextTurn()
  }
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(',')}]}`
}

// Problems name workloads and registries, as the report does; a hundred are enough to see what is wrong.
const mostProblems = 100

/** The summary of a report as JSON, written in slices too. */
export async function summaryText(report: DriftReport): Promise<string> {
  const verdicts = new Map<string, number>()
  const namespaces = new Map<string, Map<string, number>>()
  const overdue: Drift[] = []
  let missing = 0
  for (const part of slicesOf(report.rows, rowsPerTurn)) {
    for (const row of part) {
      const verdict = shownVerdict(row)
      if (isOverdue(row)) overdue.push(row)
      if (isMissing(row)) missing += 1
      const { namespace } = row.image.workload
      const own = namespaces.get(namespace) ?? new Map<string, number>()
      namespaces.set(namespace, own)
      for (const counts of [verdicts, own]) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    }
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that other work gets its turn
    await nextTurn()
  }
  return JSON.stringify({
    ...headOf(report, 'DriftSummary'),
    containers: report.rows.length,
    verdicts: Object.fromEntries(verdicts),
    missing,
    overdue: overdue.length,
    oldestCheckedAt: instant(oldestCheckOf(overdue, report)),
    namespaces: Object.fromEntries(
      [...namespaces].map(([name, counts]) => [name, Object.fromEntries(counts)]),
    ),
    problems: report.problems.slice(0, mostProblems),
    ignored: report.ignored.slice(0, mostProblems),
  })
}

function headOf(report: DriftReport, kind: 'DriftReport' | 'DriftSummary') {
  const { startedAt, finishedAt, complete } = report
  return {
    apiVersion: 'patchline.dev/v1',
    kind,
    startedAt: instant(startedAt),
    finishedAt: instant(finishedAt),
    complete,
  }
}

function* slicesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
