import type { DriftReport } from '../../audit/index.ts'
import { driftItemOf } from '../../report/index.ts'
import { csvLine, shortAge, type CsvField } from '../../text/index.ts'
import type { ScreenOptions } from '../terminal/terminal.ts'
import { shortenImage, withoutMiddle, printTable, type Column } from '../terminal/table.ts'
import { behindText, verdictStyle, worstFirst } from './verdicts.ts'

type Item = ReturnType<typeof driftItemOf>

/** How a drift report can be printed. */
export const driftFormats = ['table', 'wide', 'json', 'csv'] as const
export type DriftFormat = (typeof driftFormats)[number]

/** The report as text that ends in a line break; a table and CSV have their header also without rows. The tables show the worst first. */
export function printDrift(report: DriftReport, format: DriftFormat, screen: ScreenOptions): string {
  // The person has read the secrets with their own rights, so details may name them.
  const items = report.rows.map(row => ({
    ...driftItemOf(row, report.finishedAt),
    detail: row.evaluation.detail ?? null,
  }))
  switch (format) {
    case 'json':
      return items.map(item => `${JSON.stringify(item)}\n`).join('')
    case 'csv':
      return csvRows(items).map(csvLine).join('')
    case 'table':
      return printTable(columnsAt(report.finishedAt), worstFirst(items), screen)
    case 'wide':
      return printTable(wideColumns(report.finishedAt), worstFirst(items), screen)
  }
}

// Scripts read columns by position: new ones come last.
const csvColumns: readonly (readonly [name: string, valueOf: (item: Item) => CsvField])[] = [
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
  ['source', item => item.source],
  ['counted', item => item.counted],
  ['policy', item => item.policy],
  ['wouldRefuse', item => item.wouldRefuse],
  ['exception', item => item.exception],
  ['breakGlass', item => item.breakGlass],
  ['waiting', item => item.waiting?.tag ?? null],
  ['waitingUntil', item => item.waiting?.until ?? null],
]

function csvRows(items: readonly Item[]): readonly (readonly CsvField[])[] {
  const header = csvColumns.map(([name]) => name)
  return [header, ...items.map(item => csvColumns.map(([, valueOf]) => valueOf(item)))]
}

const verdict: Column<Item> = { heading: 'VERDICT', cell: ({ verdict: shown }) => shown, style: verdictStyle }
const newest: Column<Item> = { heading: 'NEWEST', cell: item => oneLine(item.newest ?? '-'), most: 1 / 4 }
const behindIn = (format: 'table' | 'wide'): Column<Item> => ({
  heading: 'BEHIND',
  cell: item => behindText(item, format),
})
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
    behindIn('table'),
    {
      heading: 'WORKLOAD',
      cell: item => oneLine(`${item.namespace}/${workloadOf(item)}${containerOf(item)}`),
      shorten: withoutMiddle,
    },
    { heading: 'REASON', cell: item => oneLine(newsOf(item, now)) },
  ]
}

// The two reasons that VERDICT says already are left out.
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
    behindIn('wide'),
    { heading: 'SINCE', cell: ({ since }) => (since === null ? '-' : shortAge(now - Date.parse(since))) },
    { heading: 'REASON', cell: item => oneLine(reasonText(item, now)) },
  ]
}

function workloadOf({ workload: { kind, name } }: Item): string {
  return `${kind.toLowerCase()}/${name}`
}

// Most containers have the name of their workload.
function containerOf({ container, origin, workload: { name } }: Item): string {
  const words = [
    ...(container === name ? [] : [container]),
    ...(origin === 'older-pod' ? ['older pods'] : []),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

// Text from a cluster must neither move the cursor nor fill the screen: an API server accepts any text as an image.
function oneLine(text: string): string {
  return withoutMiddle(text.replaceAll(/[^\x20-\x7e]/g, '?'), longestReference)
}

// No text that is an image reference is longer (distribution/reference): name, tag and digest.
const longestReference = 255 + 1 + 128 + 1 + 7 + 128

// The container of a row, and whether only pods of an earlier template still run its image.
function containerText({ container, origin }: Pick<Item, 'container' | 'origin'>): string {
  return origin === 'older-pod' ? `${container} (older pods)` : container
}

// The reason of a verdict, the tag in which its line goes on, and the age of overdue tags at an instant.
function reasonText(
  {
    reason,
    elsewhere,
    waiting,
    checkedAt,
    overdue,
  }: Pick<Item, 'reason' | 'elsewhere' | 'waiting' | 'checkedAt' | 'overdue'>,
  now: number,
): string {
  const waits = waiting === null ? '' : `${waiting.tag} until ${waiting.until}`
  const said = [reason, elsewhere ?? '', ...(reason === 'waiting' ? [waits] : [])].filter(Boolean).join(': ')
  const goesOn = waiting === null || reason === 'waiting' ? said : `${said}; waiting: ${waits}`
  return overdue && checkedAt !== null ? `${goesOn} (${shortAge(now - Date.parse(checkedAt))} old)` : goesOn
}
