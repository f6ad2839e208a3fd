import { driftItemOf, type DriftReport } from '../audit/index.ts'
import { ageText, containerText, reasonText } from './row-texts.ts'
import type { ScreenOptions } from './screen.ts'
import { shortenImage, withoutMiddle } from './shorten.ts'
import { printTable, type Column } from './table.ts'
import { verdictStyle, worstFirst } from './worst-first.ts'

type Item = ReturnType<typeof driftItemOf>

/** How a drift report can be printed. */
export const driftFormats = ['table', 'wide', 'json', 'csv'] as const
export type DriftFormat = (typeof driftFormats)[number]

/** The report as text that ends in a line break; a table and CSV have their header also without rows. The tables show the worst first. */
export function printDrift(report: DriftReport, format: DriftFormat, screen: ScreenOptions): string {
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
      return printTable(columnsAt(report.finishedAt), worstFirst(items), screen)
    case 'wide':
      return printTable(wideColumns(report.finishedAt), worstFirst(items), screen)
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
  ['page', item => item.page],
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

const verdict: Column<Item> = { heading: 'VERDICT', cell: ({ verdict: shown }) => shown, style: verdictStyle }
const newest: Column<Item> = { heading: 'NEWEST', cell: item => oneLine(item.newest ?? '-'), most: 1 / 4 }
const behind: Column<Item> = {
  heading: 'BEHIND',
  cell: item => (item.behind === 0 ? '-' : String(item.behind)),
}
const image: Column<Item> = {
  heading: 'IMAGE',
  cell: item => oneLine(item.image),
  most: 1 / 2,
  shorten: shortenImage,
}

function columnsAt(now: number): readonly Column<Item>[] {
  return [
    verdict,
    image,
    newest,
    behind,
    {
      heading: 'WORKLOAD',
      cell: item => oneLine(`${item.namespace}/${workloadOf(item)}${containerOf(item)}`),
      shorten: withoutMiddle,
    },
    { heading: 'REASON', cell: item => oneLine(newsOf(item, now)) },
  ]
}

// The two that VERDICT says already are left out.
function newsOf(item: Item, now: number): string {
  const text = reasonText(item, now)
  return text === 'newer' || text === 'newest' ? '' : text
}

function wideColumns(now: number): readonly Column<Item>[] {
  return [
    { heading: 'NAMESPACE', cell: item => oneLine(item.namespace) },
    { heading: 'WORKLOAD', cell: item => oneLine(workloadOf(item)) },
    { heading: 'CONTAINER', cell: item => oneLine(containerText(item)) },
    image,
    verdict,
    newest,
    behind,
    { heading: 'SINCE', cell: ({ since }) => (since === null ? '-' : ageText(now - Date.parse(since))) },
    { heading: 'REASON', cell: item => oneLine(reasonText(item, now)) },
  ]
}

function workloadOf({ workload: { kind, name } }: Item): string {
  return `${kind.toLowerCase()}/${name}`
}

// Most workloads call their container as themselves.
function containerOf({ container, origin, workload: { name } }: Item): string {
  const words = [
    ...(container === name ? [] : [container]),
    ...(origin === 'older-pod' ? ['older pods'] : []),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

// What comes from a cluster must not move the cursor of a terminal, nor fill the screen: an API server takes any text for an image.
function oneLine(text: string): string {
  return withoutMiddle(text.replaceAll(/[^\x20-\x7e]/g, '?'), longestReference)
}

// No text that is an image reference is longer (distribution/reference): name, tag and digest.
const longestReference = 255 + 1 + 128 + 1 + 7 + 128
