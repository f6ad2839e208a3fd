import { compareNumerals, type Numeral } from './numeral.ts'
import { stages, type Version } from './version.ts'

/** The columns in the order of comparison: core, stage, revisions. */
export const columnCount = 8

/** The place of the core's fourth number among the columns. */
const wColumn = 3

/** The place of the stage among the columns. */
export const stageColumn = 4

/** The versions of a repository as columns of numbers, which cost the garbage collector nothing. */
export interface TagTable {
  readonly length: number
  readonly columns: readonly Uint32Array[]
  /** The largest number in each column. */
  readonly largest: readonly number[]
  /** The number of each entry's group: see {@link groupOf}. */
  readonly groups: Uint32Array
  /** 1 where a number behind the core says which build it is. */
  readonly build: Uint8Array
  /** Numbers too large for a column, ascending; a column holds their place here, from {@link wideStart} on. */
  readonly wide: readonly Numeral[]
  textOf(entry: number): string
}

/** Columns hold numbers below this as they are. */
export const wideStart = 2 ** 31

/** The classes of core lengths, from 1: one number, two, three or four (only a fourth number may be absent). */
export const coreClasses = 3

/** The class of a version's core. */
export function classOf(version: Version): number {
  return Math.min(version.count, coreClasses)
}

/** The number of the group of a shape, family or base for cores of one class; -1 for an unknown one. */
export function groupOf(id: number | undefined, coreClass: number): number {
  return id === undefined ? -1 : id * coreClasses + coreClass - 1
}

/** The shape of an entry. */
export function shapeOf({ groups }: TagTable, entry: number): number {
  return Math.floor((groups[entry] ?? 0) / coreClasses)
}

/** The class of an entry's core. */
export function classOfEntry({ groups }: TagTable, entry: number): number {
  return ((groups[entry] ?? 0) % coreClasses) + 1
}

/** Something that takes versions, and gives the table once all have been taken. */
export interface TableBuilder {
  /** Appends a version; gives its entry. */
  append(tag: string, version: Version, shape: number): number
  /** Appends a tag that differs from another in its core only: `core` holds the numbers, all below {@link wideStart}. */
  appendLike(tag: string, like: Like, core: Core): void
  finish(): TagTable
}

/** An entry whose tag differs from others in its core only. */
export interface Like {
  readonly entry: number
  readonly shape: number
  /** A release without revisions: there is nothing behind its core that a column holds. */
  readonly plain: boolean
}

/** A core of `count` numbers, those that are not there being 0. */
export interface Core {
  readonly count: number
  readonly numbers: Uint32Array
}

/** A builder for at most `capacity` versions. */
export function createTableBuilder(capacity: number): TableBuilder {
  const columns = createColumns(capacity)
  const { x, y, z } = columns
  const groups = new Uint32Array(capacity)
  const build = new Uint8Array(capacity)
  const texts = createTexts(capacity)
  return {
    append(tag, version, shape) {
      const entry = texts.push(tag)
      for (const [column, value] of columnsOf(version).entries()) columns.put(column, entry, value)
      groups[entry] = groupOf(shape, classOf(version))
      build[entry] = version.suffix.build ? 1 : 0
      return entry
    },
    appendLike(tag, like, { count, numbers }) {
      const entry = texts.push(tag)
      x[entry] = numbers[0] ?? 0
      y[entry] = numbers[1] ?? 0
      if (count > 2) z[entry] = numbers[2] ?? 0
      if (count > 3) columns.put(wColumn, entry, numbers[3] ?? 0)
      if (!like.plain) columns.copyBehindCore(like.entry, entry)
      groups[entry] = groupOf(like.shape, Math.min(count, coreClasses))
      build[entry] = build[like.entry] ?? 0
    },
    finish: () => ({
      length: texts.length(),
      ...columns.finish(texts.length()),
      groups,
      build,
      textOf: texts.finish(),
    }),
  }
}

/** The numbers of a version in the order of the columns. */
export function columnsOf({ x, y, z, w, stage, stageNumber, suffix }: Version): readonly Numeral[] {
  return [x, y, z, w, stage, stageNumber, suffix.revisions[0] ?? 0, suffix.revisions[1] ?? 0]
}

interface Columns {
  readonly x: Uint32Array
  readonly y: Uint32Array
  readonly z: Uint32Array
  put(column: number, entry: number, value: Numeral): void
  copyBehindCore(from: number, entry: number): void
  finish(length: number): Pick<TagTable, 'columns' | 'largest' | 'wide'>
}

function createColumns(capacity: number): Columns {
  const columns: (Uint32Array | undefined)[] = Array.from({ length: columnCount }, () => undefined)
  const wide: WideCell[] = []
  const columnAt = (column: number): Uint32Array => (columns[column] ??= new Uint32Array(capacity))
  columnAt(stageColumn).fill(stages.release)
  return {
    x: columnAt(0),
    y: columnAt(1),
    z: columnAt(2),
    put(column, entry, value) {
      if (typeof value === 'bigint' || value >= wideStart) wide.push({ column, entry, value })
      else if (value !== 0 || column === stageColumn) columnAt(column)[entry] = value
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
      const empty = new Uint32Array(capacity) // one for all columns that nothing was put in
      return { columns: columns.map(column => column ?? empty), largest, wide: values }
    },
  }
}

function largestOf(column: Uint32Array, length: number): number {
  let largest = 0
  for (let entry = 0; entry < length; entry++) largest = Math.max(largest, column[entry] ?? 0)
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
  columnAt: (column: number) => Uint32Array,
): readonly Numeral[] {
  if (cells.length === 0) return []
  const values = [...new Set(cells.map(cell => cell.value))].toSorted(compareNumerals)
  const places = new Map(values.map((value, place) => [value, place]))
  for (const { column, entry, value } of cells)
    columnAt(column).set([wideStart + (places.get(value) ?? 0)], entry)
  return values
}

interface Texts {
  push(text: string): number
  length(): number
  finish(): (entry: number) => string
}

// One long string instead of one object for each tag: what is resident for hours must not be walked by each collection.
function createTexts(capacity: number): Texts {
  const texts: string[] = []
  const starts = new Uint32Array(capacity + 1)
  let end = 0
  return {
    push(text) {
      end += text.length
      const length = texts.push(text)
      starts[length] = end
      return length - 1
    },
    length: () => texts.length,
    finish() {
      const text = texts.join('')
      return entry => text.slice(starts[entry], starts[entry + 1])
    },
  }
}
