import {
  silencedText,
  ownerText,
  templateText,
  type LeftRow,
  type ScannedImage,
  type ScanReport,
  type UnreadFile,
} from '../../scan/index.ts'
import type { ScreenOptions } from '../terminal/terminal.ts'
import { printTable, shortenImage, withoutMiddle, type Column } from '../terminal/table.ts'
import { sameAdvice } from './advice.ts'
import {
  behindLegend,
  behindText,
  countsOf,
  verdictStyle,
  worstFirst,
  type ShownVerdict,
} from './verdicts.ts'

/** How a scan is shown to people. */
export const tableFormats = ['table', 'wide'] as const
export type TableFormat = (typeof tableFormats)[number]

interface Row extends Pick<ScannedImage['evaluation'], 'behind' | 'counted'> {
  readonly verdict: ShownVerdict
  readonly reason: string
  readonly image: string
  readonly newest: string
  readonly place: string
  readonly owner: string
  readonly why: string
}

/** Prints a report as a table, the worst first, files that could not be read last; ended by a line break. */
export function printScanned(
  { rows, unread }: ScanReport,
  format: TableFormat,
  screen: ScreenOptions,
): string {
  const shown = [...worstFirst(rows.map(rowOf)), ...unread.map(unreadRow)]
  const details = rows
    .filter(({ evaluation }) => evaluation.detail !== undefined)
    .map(({ evaluation }) => evaluation)
  const below = [...sameAdvice(details).map(printable), ...behindLegend(shown, format)]
  const lines = below.length === 0 ? [] : ['', ...below]
  return [printTable(columnsOf(format), shown, screen), ...lines.map(line => `${line}\n`)].join('')
}

/** A report in one line: `3 images in 2 files: 1 outdated, 2 current; 1 silenced; 1 file could not be read`. */
export function summaryOf({ rows, unread, files }: ScanReport): string {
  const shown = rows.map(rowOf)
  const counts = countsOf(shown, 'image').split(':')
  const [all = '', ...verdicts] = counts
  const of = `${all} in ${files} ${files === 1 ? 'file' : 'files'}`
  const silenced = rows.filter(row => row.silenced !== undefined).length
  return [
    [of, ...verdicts].join(':'),
    ...(silenced === 0 ? [] : [`${silenced} silenced`]),
    ...(unread.length === 0
      ? []
      : [unread.length === 1 ? '1 could not be read' : `${unread.length} could not be read`]),
  ].join('; ')
}

function rowOf(row: ScannedImage): Row {
  const { file, position, found, evaluation, exempt, silenced } = row
  const { behind, counted, reason } = evaluation
  const template = templateText(row)
  const used = template === undefined ? [] : [`used by ${template}`]
  return {
    verdict: exempt ? 'exempt' : evaluation.verdict,
    reason,
    behind,
    counted,
    image: found.image,
    newest: evaluation.newest ?? '-',
    place: `${file}:${position.line}:${position.column}`,
    owner: [ownerText(found), ...used].join(', '),
    why: [whyOf(row), ...(silenced === undefined ? [] : [silencedText(silenced)])].filter(Boolean).join('; '),
  }
}

// VERDICT says these two already.
function whyOf({ evaluation: { reason, elsewhere } }: ScannedImage): string {
  if (elsewhere !== undefined) return `${reason}: the line goes on as ${elsewhere}`
  return reason === 'newer' || reason === 'newest' ? '' : reason
}

function unreadRow({ file, position, message }: UnreadFile): Row {
  return {
    verdict: 'unknown',
    reason: 'unreadable',
    behind: 0,
    counted: 'versions',
    image: '-',
    newest: '-',
    place: position === undefined ? file : `${file}:${position.line}:${position.column}`,
    owner: '',
    why: message,
  }
}

function columnsOf(format: TableFormat): readonly Column<Row>[] {
  return [
    { heading: 'VERDICT', cell: ({ verdict }) => verdict, style: verdictStyle },
    { heading: 'IMAGE', cell: ({ image }) => printable(image), most: 1 / 2, shorten: shortenImage },
    { heading: 'NEWEST', cell: ({ newest }) => newest, most: 1 / 4 },
    { heading: 'BEHIND', cell: row => behindText(row, format) },
    { heading: 'PLACE', cell: ({ place }) => printable(place), shorten: withoutMiddle },
    { heading: 'WHERE', cell: ({ owner }) => printable(owner), shorten: withoutMiddle },
    { heading: 'WHY', cell: ({ why }) => printable(why) },
  ]
}

// Text of a file must not control the terminal.
function printable(text: string): string {
  return text.replace(/[\p{C}]/gu, '\u{FFFD}')
}

/** A row that was left as it is, and why, in one line: `web.yaml:12: nginx:1.25.1 is left: …`. */
export function leftText({ row: { file, position, found }, why }: LeftRow): string {
  return printable(`${file}:${position.line}: ${found.image} is left: ${why}`)
}
