import { compareNumerals, type Numeral } from './numeral.ts'
import { stages, type Version } from './version.ts'

/** The columns in the order of comparison: core, stage, revisions. */
export const columnCount = 8

/** The place of the core's fourth number among the columns. */
const wColumn = 3

/** The place of the stage among the columns. */
export const stageColumn = 4

/** Columns hold numbers below this as they are. */
export const wideStart = 2 ** 31

export type Column = Uint32Array

/** The versions of a repository as columns of numbers. */
export interface Columns {
  /** Undefined where every number is 0. */
  readonly all: readonly (Column | undefined)[]
  /** The largest number in each column. */
  readonly largest: readonly number[]
  /** Numbers too large for a column, ascending; a column holds their place here, from {@link wideStart} on. */
  readonly wide: readonly Numeral[]
}

/** A core of `count` numbers, those that are not there being 0. */
export interface Core {
  readonly count: number
  readonly numbers: Uint32Array
}

/** Something that takes numbers, and gives the columns once all have been taken. */
export interface ColumnsBuilder {
  put(entry: number, version: Version): void
  /** Puts a core, whose numbers are all below {@link wideStart}. */
  putCore(entry: number, core: Core): void
  /** Puts what another entry has behind its core. */
  copyBehindCore(from: number, entry: number): void
  finish(length: number): Columns
}

/** The numbers of a version in the order of the columns. */
export function columnsOf({ x, y, z, w, stage, stageNumber, suffix }: Version): readonly Numeral[] {
  return [x, y, z, w, stage, stageNumber, suffix.revisions[0] ?? 0, suffix.revisions[1] ?? 0]
}

/** A builder for at most `capacity` versions. */
export function createColumnsBuilder(capacity: number): ColumnsBuilder {
  const columns: (Column | undefined)[] = Array.from({ length: columnCount }, () => undefined)
  const wide: WideCell[] = []
  const columnAt = (column: number): Column => (columns[column] ??= new Uint32Array(capacity))
  columnAt(stageColumn).fill(stages.release)
  const [x, y, z] = [columnAt(0), columnAt(1), columnAt(2)]
  return {
    put(entry, version) {
      for (const [column, value] of columnsOf(version).entries())
        if (typeof value === 'bigint' || value >= wideStart) wide.push({ column, entry, value })
        else if (value !== 0 || column === stageColumn) columnAt(column)[entry] = value
    },
    putCore(entry, { count, numbers }) {
      x[entry] = numbers[0] ?? 0
      y[entry] = numbers[1] ?? 0
      if (count > 2) z[entry] = numbers[2] ?? 0
      if (count > 3) columnAt(wColumn)[entry] = numbers[3] ?? 0
    },
    copyBehindCore(from, entry) {
      for (let column = stageColumn; column < columnCount; column++) {
        const target = columns[column]
        if (target !== undefined) target[entry] = target[from] ?? 0
      }
    },
    finish(length) {
      const values = placeWideCells(wide, columnAt)
      const largest = columns.map(column => (column === undefined ? 0 : largestOf(column, length)))
      return { all: columns, largest, wide: values }
    },
  }
}

function largestOf(column: Column, length: number): number {
  let largest = 0
  for (let entry = 0; entry < length; entry++) {
    const value = column[entry] ?? 0
    if (value > largest) largest = value
  }
  return largest
}

interface WideCell {
  readonly column: number
  readonly entry: number
  readonly value: Numeral
}

// Only the numbers that no column can hold are sorted here: time stamps in milliseconds and the like, rare in tags.
function placeWideCells(
  cells: readonly WideCell[],
  columnAt: (column: number) => Column,
): readonly Numeral[] {
  if (cells.length === 0) return []
  const values = [...new Set(cells.map(cell => cell.value))].toSorted(compareNumerals)
  const places = new Map(values.map((value, place) => [value, place]))
  for (const { column, entry, value } of cells)
    columnAt(column).set([wideStart + (places.get(value) ?? 0)], entry)
  return values
}

/** What a column holds for a number. One that the columns lack falls between the places of its neighbours. */
export function columnValue(value: Numeral, wide: readonly Numeral[]): number {
  if (typeof value === 'number' && value < wideStart) return value
  let low = 0
  let high = wide.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((wide[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return wide[low] === value ? wideStart + low : wideStart + low - 0.5
}
