import { driftItemOf, type DriftReport } from '../audit/index.ts'
import { ageText, containerText, reasonText } from './row-texts.ts'

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
      return csvRows(items)
        .map(row => `${row.map(csvField).join(',')}\r\n`)
        .join('')
    case 'table':
      return table(items, report.finishedAt)
  }
}

// Those who read them go by their place: new ones come last.
const csvColumns: readonly (readonly [name: string, valueOf: (item: Item) => Field])[] = [
  ['namespace', item => item.namespace],
  ['kind', item => item.workload.kind],
  ['workload', item => item.workload.name],
  ['container', item => item.container],
  ['image', item => item.image],
  ['verdict', item => item.verdict],
  ['current', item => item.current],
  ['newest', item => item.newest],
  ['behind', item => item.behind],
  ['since', item => item.since],
  ['newestOverall', item => item.newestOverall],
  ['reason', item => item.reason],
  ['mode', item => item.mode],
  ['detail', item => item.detail],
  ['elsewhere', item => item.elsewhere],
  ['apiVersion', item => item.workload.apiVersion],
  ['field', item => item.field],
  ['origin', item => item.origin],
  ['registry', item => item.registry],
  ['repository', item => item.repository],
  ['line', item => item.line],
  ['strategy', item => item.strategy],
  ['pods', item => item.pods],
  ['moved', item => item.moved],
  ['checkedAt', item => item.checkedAt],
  ['stale', item => item.stale],
  ['overdue', item => item.overdue],
]

function csvRows(items: readonly Item[]): readonly (readonly Field[])[] {
  const header = csvColumns.map(([name]) => name)
  return [header, ...items.map(item => csvColumns.map(([, valueOf]) => valueOf(item)))]
}

type Field = string | number | boolean | null

// RFC 4180. A spreadsheet takes a field that starts with one of these characters for a formula, quoted or not.
function csvField(field: Field): string {
  const text = String(field ?? '')
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
  const { namespace, workload, image, verdict, newest, behind, since } = item
  return [
    namespace,
    `${workload.kind.toLowerCase()}/${workload.name}`,
    containerText(item),
    image,
    verdict,
    newest ?? '-',
    behind === 0 ? '-' : String(behind),
    since === null ? '-' : ageText(now - Date.parse(since)),
    reasonText(item, now),
  ].map(oneLine)
}

// What comes from a cluster must not move the cursor of a terminal.
function oneLine(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?')
  return printable.length > longestCell ? `${printable.slice(0, longestCell - 3)}...` : printable
}

const longestCell = 100
