import { styleText } from 'node:util'
import type { ScreenOptions } from './terminal.ts'

/** A column of a table. */
export interface Column<Row> {
  readonly heading: string
  readonly cell: (row: Row) => string
  /** The most of a line that the column takes, as a fraction; a longer cell pushes the rest of its own row. */
  readonly most?: number
  /** Shortens a cell that is wider than a whole line; without it the cell is printed whole. */
  readonly shorten?: (text: string, width: number) => string
  /** The colour of a cell. */
  readonly style?: (row: Row) => Style | undefined
}

export type Style = 'red' | 'yellow' | 'green' | 'dim' | 'bold'

/**
 * Prints rows under headings, ended by a line break. Cells that do not fit into the width go on in further lines of their row,
 * indented by the first column: nothing is cut as long as a line can hold it. A table without rows has its headings.
 */
export function printTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, isColoured }: ScreenOptions,
): string {
  const texts = rows.map(row => columns.map(({ cell }) => cell(row)))
  const widths = columns.map((column, at) => widthOf(column, texts, { at, width }))
  const lines = (cells: readonly Cell[]): string => flow(cells, { columns, widths, width })
  const painted = (text: string, style: Style | undefined): Cell => ({
    text,
    paint: shown =>
      isColoured && style !== undefined ? styleText(style, shown, { validateStream: false }) : shown,
  })
  const head = lines(columns.map(({ heading }) => painted(heading, 'bold')))
  const body = rows.map((row, line) =>
    lines(columns.map(({ style }, at) => painted(texts[line]?.[at] ?? '', style?.(row)))),
  )
  return [head, ...body].join('')
}

interface Cell {
  readonly text: string
  paint(shown: string): string
}

interface Layout {
  readonly columns: readonly Pick<Column<never>, 'shorten'>[]
  readonly widths: readonly number[]
  readonly width: number
}

const gap = 2

function widthOf<Row>(
  { heading, most }: Column<Row>,
  texts: readonly (readonly string[])[],
  { at, width }: { readonly at: number; readonly width: number },
): number {
  const limit = most === undefined ? Infinity : Math.max(heading.length, Math.floor(most * width))
  // A report may have more rows than a call may have arguments.
  return texts.reduce((widest, row) => {
    const length = row[at]?.length ?? 0
    return length > limit ? widest : Math.max(widest, length)
  }, heading.length)
}

function flow(cells: readonly Cell[], layout: Layout): string {
  const lines = Map.groupBy(placesOf(cells, layout), ({ line }) => line)
  return [...lines.values()].map(places => `${lineOf(places)}\n`).join('')
}

/** The place of a cell: the line of its row, and the column of the screen. */
interface Place {
  readonly cell: Cell
  readonly line: number
  readonly start: number
  readonly shown: string
}

function placesOf(cells: readonly Cell[], { columns, widths, width }: Layout): readonly Place[] {
  const indent = (widths[0] ?? 0) + gap
  let line = 0
  let column = 0
  let end = -gap
  return cells.map((cell, at) => {
    const place = Math.max(column, end + gap)
    const isNext = cell.text !== '' && place > indent && place + cell.text.length > width
    if (isNext) line += 1
    const start = isNext ? indent : place
    const shown = fitted(cell.text, width - start, columns[at]?.shorten)
    end = start + shown.length
    column = start + (widths[at] ?? 0) + gap
    return { cell, line, start, shown }
  })
}

function fitted(text: string, room: number, shorten: Column<never>['shorten']): string {
  return text.length > room && shorten !== undefined ? shorten(text, room) : text
}

function lineOf(places: readonly Place[]): string {
  let text = ''
  // As shown: colours take no room.
  let end = 0
  for (const { cell, start, shown } of places) {
    text += `${' '.repeat(start - end)}${cell.paint(shown)}`
    end = start + shown.length
  }
  return text.trimEnd()
}

/** Shortens a text by leaving out its middle. */
export function withoutMiddle(text: string, width: number): string {
  if (text.length <= width) return text
  const kept = Math.max(0, width - ellipsis.length)
  const tail = Math.ceil(kept / 2)
  return `${text.slice(0, kept - tail)}${ellipsis}${text.slice(text.length - tail)}`
}

/**
 * Shortens an image reference: first its digest to the usual twelve digits, then the middle of the repository's path is left out.
 * The host of the registry, the last part of the path and the tag always stay, so the text may still be too wide.
 */
export function shortenImage(image: string, width: number): string {
  if (image.length <= width) return image
  const short = image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, `$1${ellipsis}`)
  if (short.length <= width) return short
  const parts = short.split('/')
  const [first = '', ...rest] = parts
  const last = rest.at(-1)
  // Without a slash there is nothing but the name and the tag; with one, there may be no path between host and name.
  if (last === undefined) return short
  if (!/[.:]|^localhost$/.test(first)) return `${ellipsis}/${last}`
  return rest.length === 1 ? short : `${first}/${ellipsis}/${last}`
}

// ASCII, as all text from a cluster is printed.
const ellipsis = '...'
