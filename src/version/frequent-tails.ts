import { wideStart, type Core } from './columns.ts'
import type { EntriesBuilder, Like } from './entries.ts'
import { isDigit, isV, longestTag } from './read-tag.ts'
import type { TagList } from './tag-list.ts'
import { stages, type Suffix } from './version.ts'

/** Takes tags of which all but the core stood in an earlier tag, without a string for them. */
export interface FrequentTails {
  /** Whether the tag at a place of the list was taken. */
  take(at: number): boolean
  /** Keeps what stands around the core of a tag that was appended as an entry. */
  remember(at: number, suffix: Suffix, as: { readonly entry: number; readonly shape: number }): void
}

/** What stands before and behind a core, with an entry that has both. */
interface Tail extends Like {
  /** 0 for none, or the code of `v` or `V`. */
  readonly prefix: number
  /** Where the tail stands in the bytes of the list. */
  readonly start: number
  readonly end: number
}

// Nearly every tag is two to four numbers before a tail that stood behind an earlier core: then the core is all that must
// be read. One slot for each hash, the last tail wins it, so no choice of tags makes a look-up long.
const tailSlots = 1_024

/** No tails yet. */
export function createFrequentTails({ bytes, starts }: TagList, entries: EntriesBuilder): FrequentTails {
  const slots: (Tail | undefined)[] = Array.from({ length: tailSlots }, () => undefined)
  const scanner = createCoreScanner(bytes)

  // The place behind the core; -1 where there is none that can be read here.
  function scan(start: number, end: number): number {
    if (end - start > longestTag || end === start) return -1
    return scanner.scan(isDigit(bytes[start] ?? 0) ? start : start + 1, end)
  }

  function isAt({ start, end }: Tail, from: number, to: number): boolean {
    if (to - from !== end - start) return false
    for (let at = 0; at < to - from; at++) if (bytes[from + at] !== bytes[start + at]) return false
    return true
  }

  return {
    take(at) {
      const start = starts[at] ?? 0
      const end = starts[at + 1] ?? 0
      const prefix = prefixOf(bytes[start] ?? 0)
      if (prefix < 0) return false
      const from = scan(start, end)
      if (from < 0) return false
      const tail = slots[slotOf(bytes, from, end) ^ prefix]
      if (tail === undefined || tail.prefix !== prefix || !isAt(tail, from, end)) return false
      entries.appendLike(at, tail, scanner.core)
      return true
    },
    remember(at, suffix, { entry, shape }) {
      const start = starts[at] ?? 0
      const end = starts[at + 1] ?? 0
      const prefix = prefixOf(bytes[start] ?? 0)
      if (prefix < 0 || !isFrequent(suffix)) return
      const from = scan(start, end)
      if (from < 0) return
      const plain = suffix.stage === stages.release && suffix.revisions.length === 0
      slots[slotOf(bytes, from, end) ^ prefix] = { prefix, start: from, end, entry, shape, plain }
    },
  }
}

// A fix level may be in the core (`10.4.0.2-patch`), and what no column holds must be put in its place.
function isFrequent({ stage, stageNumber, revisions }: Suffix): boolean {
  if (stage === stages.fix && stageNumber === undefined) return false
  return [stageNumber ?? 0, ...revisions].every(value => value < wideStart)
}

// What stands before a core that can be read here; -1 for anything else.
function prefixOf(first: number): number {
  if (isDigit(first)) return 0
  return isV(first) ? first : -1
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0
  for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + (bytes[at] ?? 0)
  return (hash ^ (hash >>> 10)) & (tailSlots - 1)
}

const dot = 46
const zero = 48
const exact = 999_999_999

interface CoreScanner {
  /** What the last scan read; the same object each time, for this runs for every tag of every repository. */
  readonly core: Core
  /** Reads two to four numbers of up to nine digits; gives the place behind them, or -1. */
  scan(start: number, end: number): number
}

function createCoreScanner(bytes: Uint8Array): CoreScanner {
  const numbers = new Uint32Array(4)
  const core = { count: 0, numbers }

  // Reads the next number; gives the place behind it, or -1.
  function scanNumber(start: number, end: number): number {
    let value = 0
    let at = start
    for (; at < end && isDigit(bytes[at] ?? 0) && value <= exact; at++)
      value = value * 10 + (bytes[at] ?? 0) - zero
    if (value > exact || at === start) return -1
    numbers[core.count++] = value
    return at
  }

  function goesOn(at: number, end: number): boolean {
    return core.count < 4 && at + 1 < end && bytes[at] === dot && isDigit(bytes[at + 1] ?? 0)
  }

  return {
    core,
    scan(start, end) {
      core.count = 0
      let at = scanNumber(start, end)
      while (at >= 0 && goesOn(at, end)) at = scanNumber(at + 1, end)
      return core.count === 1 ? -1 : at
    },
  }
}
