import { csvLine, printable, type CsvField } from '../../text/index.ts'
import { ownerText, sentenceOf, silencedText, troubleOf, type ScanReport } from '../finding/scanned-image.ts'
import { scanItemOf, type ScanItem } from './scan-item.ts'

/** One JSON object a line: the images, then the files that could not be read. */
export function jsonLines({ rows, unread }: ScanReport): string {
  const files = unread.map(({ file, position, message }) => ({
    file,
    line: position?.line ?? null,
    column: position?.column ?? null,
    error: message,
  }))
  return [...rows.map(scanItemOf), ...files].map(item => `${JSON.stringify(item)}\n`).join('')
}

// Scripts read columns by position: new ones come last.
const columns = [
  'file',
  'line',
  'column',
  'owner',
  'part',
  'image',
  'verdict',
  'current',
  'newest',
  'behind',
  'reason',
  'detail',
  'registry',
  'repository',
  'newestDigest',
  'counted',
  'elsewhere',
  'versions',
  'mode',
  'strategy',
  'policy',
  'silenced',
  'template',
  'page',
  'fingerprint',
] as const satisfies readonly (keyof ScanItem)[]

/** CSV with a header; a file that could not be read is a row with the verdict `unknown` and without an image. */
export function csvText({ rows, unread }: ScanReport): string {
  const lines: readonly (readonly CsvField[])[] = [
    columns,
    ...rows.map(scanItemOf).map(item => columns.map(column => item[column])),
    ...unread.map(({ file, position, message }) => {
      const cells = {
        file,
        line: position?.line,
        column: position?.column,
        verdict: 'unknown',
        ...unreadable(message),
      }
      const byName = new Map<string, CsvField | undefined>(Object.entries(cells))
      return columns.map(column => byName.get(column) ?? null)
    }),
  ]
  return lines.map(csvLine).join('')
}

function unreadable(detail: string) {
  return { reason: 'unreadable', detail }
}

/** Markdown for a comment: a summary, and a table of what is the matter. */
export function markdownText({ rows, unread }: ScanReport, summary: string): string {
  const troubled = rows.filter(row => troubleOf(row) !== 'none')
  const lines = [
    ...troubled.map(row => {
      const { file, position, found, evaluation, silenced } = row
      const aside = silenced === undefined ? '' : ` (${silencedText(silenced)})`
      return [
        code(`${file}:${position.line}`),
        plain(ownerText(found)),
        code(found.image),
        code(evaluation.newest ?? '-'),
        plain(`${sentenceOf(row)}${aside}`),
      ]
    }),
    ...unread.map(({ file, position, message }) => [
      code(placeText(file, position?.line)),
      '',
      '',
      '',
      plain(message),
    ]),
  ].map(cells => `| ${cells.join(' | ')} |\n`)
  const table =
    lines.length === 0
      ? ''
      : `\n| file | where | image | newest | |\n|---|---|---|---|---|\n${lines.join('')}`
  return `${plain(summary)}\n${table}`
}

function placeText(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`
}

// A cell must not end its cell, its row or the table, nor mention people or be a link.
function plain(text: string): string {
  return printable(text).replaceAll(/[\\`*_{}[\]<>|#@]/g, character => `&#${character.codePointAt(0)};`)
}

function code(text: string): string {
  const safe = printable(text).replaceAll('`', "'").replaceAll('|', '\\|')
  return safe === '' ? '' : `\`${safe}\``
}
