import { driftItemOf, type DriftReport } from '../audit/index.ts'

type Item = ReturnType<typeof driftItemOf>

/** How a drift report can be printed. */
export const driftFormats = ['table', 'json', 'csv'] as const
export type DriftFormat = (typeof driftFormats)[number]

/** The report as text that ends in a line break; empty where it has no rows, but for the header of CSV. */
export function printDrift(report: DriftReport, format: DriftFormat): string {
  // Who runs it has read the secrets with rights of his own.
  const items = report.rows.map(row => ({
    ...driftItemOf(row, report.finishedAt),
    detail: row.evaluation.detail ?? null,
  }))
  switch (format) {
    case 'json':
      return items.map(item => `${JSON.stringify(item)}\n`).join('')
    case 'csv':
      return [csvColumns, ...items.map(csvRow)].map(row => `${row.map(csvField).join(',')}\r\n`).join('')
    case 'table':
      return table(items, report.finishedAt)
  }
}

const csvColumns = [
  'namespace',
  'kind',
  'workload',
  'container',
  'image',
  'verdict',
  'current',
  'newest',
  'behind',
  'since',
  'newestOverall',
  'reason',
  'mode',
]

function csvRow(item: Item): readonly string[] {
  return [
    item.namespace,
    item.workload.kind,
    item.workload.name,
    item.container,
    item.image,
    item.verdict,
    item.current ?? '',
    item.newest ?? '',
    String(item.behind),
    item.since ?? '',
    item.newestOverall ?? '',
    item.reason,
    item.mode,
  ]
}

// RFC 4180. A spreadsheet takes a field that starts with one of these characters for a formula, quoted or not.
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const headings = [
  'NAMESPACE',
  'WORKLOAD',
  'CONTAINER',
  'IMAGE',
  'VERDICT',
  'NEWEST',
  'BEHIND',
  'SINCE',
  'REASON',
]

function table(items: readonly Item[], now: number): string {
  if (items.length === 0) return ''
  const rows = [headings, ...items.map(item => tableRow(item, now))]
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}

function tableRow(item: Item, now: number): readonly string[] {
  const { namespace, workload, container, image, verdict, newest, behind, since, reason } = item
  return [
    namespace,
    `${workload.kind.toLowerCase()}/${workload.name}`,
    container,
    image,
    verdict,
    newest ?? '-',
    behind === 0 ? '-' : String(behind),
    since === null ? '-' : ageText(now - Date.parse(since)),
    reason,
  ].map(oneLine)
}

// What comes from a cluster must not move the cursor of a terminal.
function oneLine(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?')
  return printable.length > longestCell ? `${printable.slice(0, longestCell - 3)}...` : printable
}

const longestCell = 100
const hour = 3_600_000

function ageText(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / hour))
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}
