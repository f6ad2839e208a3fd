import { columnCount, type TagTable } from './tag-table.ts'

/** Entries that belong together, each group from the oldest to the newest version. */
export interface Groups {
  /** The entries, group by group. */
  readonly entries: Uint32Array
  /** Where each group starts in `entries`; one more at the end. */
  readonly starts: Uint32Array
}

/**
 * The groups of entries that are already in order; `numbers` gives for each group of a shape the number of the group
 * that it is part of. Linear.
 */
export function groupEntries(table: TagTable, order: Uint32Array, numbers: Uint32Array): Groups {
  const starts = groupStarts(table, numbers)
  const next = starts.slice()
  const entries = new Uint32Array(order.length)
  for (let at = 0; at < order.length; at++) {
    const entry = order[at] ?? 0
    const group = numbers[table.groups[entry] ?? 0] ?? 0
    const place = next[group] ?? 0
    next[group] = place + 1
    entries[place] = entry
  }
  return { entries, starts }
}

function groupStarts({ groups, length }: TagTable, numbers: Uint32Array): Uint32Array {
  const starts = new Uint32Array(numbers.length + 1)
  for (let entry = 0; entry < length; entry++) {
    const after = (numbers[groups[entry] ?? 0] ?? 0) + 1
    starts[after] = (starts[after] ?? 0) + 1
  }
  for (let group = 1; group < starts.length; group++)
    starts[group] = (starts[group] ?? 0) + (starts[group - 1] ?? 0)
  return starts
}

/** To whom an entry may be offered; each is part of the one before it. */
export const audience = { everybody: 0, preReleaseUsers: 1, nobody: 2 } as const
export type Audience = (typeof audience)[keyof typeof audience]

/**
 * For each place the nearest place at or before it, in its group, that may be offered to the audience; -1 for none.
 * Linear.
 */
export function offeredPlaces(
  { entries, starts }: Groups,
  { audiences, asked }: { readonly audiences: Uint8Array; readonly asked: Audience },
): Int32Array {
  const places = new Int32Array(entries.length)
  for (let group = 0; group + 1 < starts.length; group++) {
    let offered = -1
    const end = starts[group + 1] ?? 0
    for (let place = starts[group] ?? 0; place < end; place++) {
      if ((audiences[entries[place] ?? 0] ?? audience.nobody) <= asked) offered = place
      places[place] = offered
    }
  }
  return places
}

/** For each place how many different versions may be offered up to it, in its group. Linear. */
export function offeredRanks(
  { entries, starts }: Groups,
  places: Int32Array,
  versions: Uint32Array,
): Uint32Array {
  const ranks = new Uint32Array(entries.length)
  for (let group = 0; group + 1 < starts.length; group++) {
    let rank = 0
    let last = -1
    const end = starts[group + 1] ?? 0
    for (let place = starts[group] ?? 0; place < end; place++) {
      const version = places[place] === place ? (versions[entries[place] ?? 0] ?? 0) : last
      if (version !== last) rank++
      last = version
      ranks[place] = rank
    }
  }
  return ranks
}

/** The columns of one version; a value that the table lacks lies between two of its values. */
export type Key = readonly number[]

/** -1, 0 or 1 as the entry is older than, equal to or newer than the key, in the first `depth` columns. */
export function compareToKey(
  table: TagTable,
  entry: number,
  { key, depth }: { key: Key; depth: number },
): -1 | 0 | 1 {
  for (let column = 0; column < depth; column++) {
    const own = table.columns[column]?.[entry] ?? 0
    const other = key[column] ?? 0
    if (own < other) return -1
    if (own > other) return 1
  }
  return 0
}

/** The columns of an entry. */
export function keyOfEntry({ columns }: TagTable, entry: number): Key {
  return columns.map(column => column[entry] ?? 0)
}

/** A stretch of places, `end` not included. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What to look for in a group: the first `depth` columns of a key. */
export interface Wanted {
  readonly group: number
  readonly key: Key
  readonly depth: number
}

/** The places of a group whose first `depth` columns equal the key's; by halving, so hardly dearer in a large group. */
export function equalRange(table: TagTable, groups: Groups, wanted: Wanted): Range {
  return { start: boundary(table, groups, { ...wanted, from: 0 }), end: equalEnd(table, groups, wanted) }
}

/** The place behind those of a group whose first `depth` columns are equal to the key's or lower. */
export function equalEnd(table: TagTable, groups: Groups, wanted: Wanted): number {
  return boundary(table, groups, { ...wanted, from: 1 })
}

// The first place of the group where the comparison gives `from` or more.
function boundary(
  table: TagTable,
  { entries, starts }: Groups,
  wanted: Wanted & { readonly from: 0 | 1 },
): number {
  let low = starts[wanted.group] ?? 0
  let high = starts[wanted.group + 1] ?? low
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareToKey(table, entries[middle] ?? 0, wanted) < wanted.from) low = middle + 1
    else high = middle
  }
  return low
}

/** The depth of a whole comparison. */
export const wholeKey = columnCount
/** The depth of core and stage, without revisions. */
export const stageKey = 6
/** The depth of the core alone. */
export const coreKey = 4
