import { styleText } from 'node:util'
import type { ScreenOptions } from './screen.ts'

/** A column of a table. */
export interface Column<Row> {
  readonly heading: string
  readonly cell: (row: Row) => string
  /** What a cell takes of the line at most, as a part of it; a longer one pushes the rest of its own row. */
  readonly most?: number
  /** A shorter text for a cell that is wider than a whole line; without it, it is left whole. */
  readonly shorten?: (text: string, width: number) => string
  /** How a cell is coloured. */
  readonly style?: (row: Row) => Style | undefined
}

export type Style = 'red' | 'yellow' | 'green' | 'dim' | 'bold'

/**
 * Rows under headings, ended by a line break. What does not fit into the width goes on in further lines of its row, which begin
 * behind the first column: nothing is cut as long as a line can hold it. Also without rows it has its headings.
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
  // A report may have more rows than a call has room for arguments.
  return texts.reduce((widest, row) => {
    const length = row[at]?.length ?? 0
    return length > limit ? widest : Math.max(widest, length)
  }, heading.length)
}

function flow(cells: readonly Cell[], layout: Layout): string {
  const lines = Map.groupBy(placesOf(cells, layout), ({ line }) => line)
  return [...lines.values()].map(places => `${lineOf(places)}\n`).join('')
}

/** Where a cell stands: in which line of its row, and from which column of the screen. */
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
  // On the screen, where colours take no room.
  let end = 0
  for (const { cell, start, shown } of places) {
    text += `${' '.repeat(start - end)}${cell.paint(shown)}`
    end = start + shown.length
  }
  return text.trimEnd()
}
