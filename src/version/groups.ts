import { isAbove, probeOf, type Key, type PackedVersions } from './layout.ts'
import { release } from './release.ts'
import type { Version } from './version.ts'

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

/** Numbers in as little memory as their largest needs. */
export type Numbers = Uint16Array | Uint32Array

/** Entries that belong together, each group from the oldest to the newest version. */
export interface Groups {
  /** The entries, group by group; undefined where each place has the entry of the same number. */
  readonly entries: Numbers | undefined
  /** Where each group starts; one more at the end. */
  readonly starts: Numbers
}

/** The entry at a place. */
export function entryAt({ entries }: Groups, place: number): number {
  return entries === undefined ? place : (entries[place] ?? 0)
}

/** The groups of entries that are already in order; `numbers` gives the group of each entry. Linear. */
export function groupEntries(
  order: Uint32Array,
  numbers: Uint32Array,
  count: number,
): { readonly entries: Uint32Array; readonly starts: Uint32Array } {
  const starts = groupStarts(numbers, { length: order.length, count })
  const next = starts.slice()
  const entries = new Uint32Array(order.length)
  for (let at = 0; at < order.length; at++) {
    const entry = order[at] ?? 0
    const group = numbers[entry] ?? 0
    const place = next[group] ?? 0
    next[group] = place + 1
    entries[place] = entry
  }
  release(next)
  return { entries, starts }
}

function groupStarts(
  numbers: Uint32Array,
  { length, count }: { readonly length: number; readonly count: number },
): Uint32Array {
  const starts = new Uint32Array(count + 1)
  for (let entry = 0; entry < length; entry++) {
    const after = (numbers[entry] ?? 0) + 1
    starts[after] = (starts[after] ?? 0) + 1
  }
  for (let group = 1; group <= count; group++) starts[group] = (starts[group] ?? 0) + (starts[group - 1] ?? 0)
  return starts
}

/** For each place of `at` the value that stands there. */
export function gather(values: Uint32Array | Uint8Array, at: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(at.length)
  for (let place = 0; place < at.length; place++) gathered[place] = values[at[place] ?? 0] ?? 0
  return gathered
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
export function equalRange(versions: PackedVersions, groups: Groups, wanted: Wanted): Range {
  return {
    start: boundary(versions, groups, { ...wanted, from: 0 }),
    end: equalEnd(versions, groups, wanted),
  }
}

/** The place behind those of a group whose first `depth` columns are equal to the key's or lower. */
export function equalEnd(versions: PackedVersions, groups: Groups, wanted: Wanted): number {
  return boundary(versions, groups, { ...wanted, from: 1 })
}

function boundary(
  versions: PackedVersions,
  groups: Groups,
  { group, key, depth, from }: Wanted & { readonly from: 0 | 1 },
): number {
  const end = group < 0 ? 0 : (groups.starts[group + 1] ?? 0)
  let low = groups.starts[group] ?? 0
  let high = end
  if (low >= high) return end
  const probe = probeOf(versions.widths, { key, depth }, from)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAbove(versions, entryAt(groups, middle), probe)) high = middle
    else low = middle + 1
  }
  return low
}

/** The first place of a range for which the test holds, as it does for all behind it; the range's end for none. */
export function firstPlace({ start, end }: Range, test: (place: number) => boolean): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (test(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** The group of a place. */
export function groupAt({ starts }: Groups, place: number): number {
  return firstPlace({ start: 0, end: starts.length }, group => (starts[group] ?? 0) > place) - 1
}
