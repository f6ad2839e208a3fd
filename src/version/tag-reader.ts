import { isDigit, isLegalLength, readTag, type SuffixReader, type Unreadable } from './read-tag.ts'
import { createShapes, type Shapes } from './shapes.ts'
import { readSuffix } from './suffix.ts'
import {
  createTableBuilder,
  wideStart,
  type Core,
  type Like,
  type TableBuilder,
  type TagTable,
} from './tag-table.ts'
import { stages, type Suffix } from './version.ts'

/** Takes the tags of a repository one after another into a table. */
export interface TagReader {
  readonly shapes: Shapes
  /** Takes a tag; says why, where it is no version. */
  take(tag: string): Unreadable | undefined
  finish(): TagTable
}

/** A reader for at most `capacity` tags. */
export function createTagReader(capacity: number): TagReader {
  const shapes = createShapes()
  const builder = createTableBuilder(capacity)
  const suffixes = createSuffixCache()
  const frequent = createFrequentTails(builder)
  return {
    shapes,
    take(tag) {
      if (frequent.take(tag)) return undefined
      const version = readTag(tag, suffixes)
      if (typeof version === 'string') return version
      const shape = shapes.intern(version)
      frequent.remember(tag, version.suffix, { entry: builder.append(tag, version, shape), shape })
      return undefined
    },
    finish: () => builder.finish(),
  }
}

/** What stands before and behind a core, with an entry that has both. */
interface Tail extends Like {
  /** 0 for none, or the code of `v` or `V`. */
  readonly prefix: number
  readonly text: string
}

interface FrequentTails {
  take(tag: string): boolean
  /** Keeps what stands around the core of a tag that was appended at the entry. */
  remember(tag: string, suffix: Suffix, at: { readonly entry: number; readonly shape: number }): void
}

// Nearly every tag is two to four numbers before a tail that stood behind an earlier core: then the core is all that must
// be read. One slot for each hash, the last tail wins it, so no choice of tags makes a look-up long.
const tailSlots = 1_024

function createFrequentTails(builder: TableBuilder): FrequentTails {
  const slots: (Tail | undefined)[] = Array.from({ length: tailSlots }, () => undefined)
  const scanner = createCoreScanner()
  return {
    take(tag) {
      const prefix = prefixOf(tag)
      if (prefix === undefined || !isLegalLength(tag)) return false
      const end = scanner.scan(tag, prefix === 0 ? 0 : 1)
      if (end < 0) return false
      const tail = slots[slotOf(tag, end, prefix)]
      if (tail === undefined || tail.prefix !== prefix || !endsWith(tag, end, tail.text)) return false
      builder.appendLike(tag, tail, scanner.core)
      return true
    },
    remember(tag, suffix, { entry, shape }) {
      const prefix = prefixOf(tag)
      if (prefix === undefined || !isFrequent(suffix)) return
      const end = scanner.scan(tag, prefix === 0 ? 0 : 1)
      if (end < 0) return
      const plain = suffix.stage === stages.release && suffix.revisions.length === 0
      slots[slotOf(tag, end, prefix)] = { prefix, text: tag.slice(end), entry, shape, plain }
    },
  }
}

// A fix level may be in the core (`10.4.0.2-patch`), and what no column holds must be put in its place.
function isFrequent({ stage, stageNumber, revisions }: Suffix): boolean {
  if (stage === stages.fix && stageNumber === undefined) return false
  return [stageNumber ?? 0, ...revisions].every(value => value < wideStart)
}

function prefixOf(tag: string): number | undefined {
  const first = tag.charCodeAt(0)
  if (isDigit(first)) return 0
  return (first === 118 || first === 86) && isDigit(tag.charCodeAt(1)) ? first : undefined
}

const dot = 46
const zero = 48
const exact = 999_999_999

interface CoreScanner {
  /** What the last scan read; the same object each time, for this runs for every tag of every repository. */
  readonly core: Core
  /** Reads two to four numbers of up to nine digits; gives the place behind them, or -1. */
  scan(tag: string, start: number): number
}

function createCoreScanner(): CoreScanner {
  const numbers = new Uint32Array(4)
  const core = { count: 0, numbers }
  return {
    core,
    scan(tag, start) {
      let at = start - 1
      let count = 0
      do {
        let value = 0
        let code = tag.charCodeAt(++at)
        for (; isDigit(code) && value <= exact; code = tag.charCodeAt(++at)) value = value * 10 + code - zero
        if (value > exact) return -1
        numbers[count++] = value
      } while (count < 4 && tag.charCodeAt(at) === dot && isDigit(tag.charCodeAt(at + 1)))
      core.count = count
      return count === 1 ? -1 : at
    },
  }
}

function slotOf(tag: string, end: number, prefix: number): number {
  let hash = prefix
  for (let at = end; at < tag.length; at++) hash = Math.imul(hash, 31) + tag.charCodeAt(at)
  return (hash ^ (hash >>> 10)) & (tailSlots - 1)
}

function endsWith(tag: string, end: number, text: string): boolean {
  const { length } = text
  if (tag.length - end !== length) return false
  for (let at = 0; at < length; at++) if (tag.charCodeAt(end + at) !== text.charCodeAt(at)) return false
  return true
}

// The same for tags with other prefixes. One reading serves all, for as long as the index is built.
function createSuffixCache(): SuffixReader {
  const many = new Map<string, Suffix | undefined>()
  const single = new Map<string, Suffix | undefined>()
  return (text, isSingle) => {
    const cache = isSingle ? single : many
    const known = cache.get(text)
    if (known !== undefined || cache.has(text)) return known
    const suffix = readSuffix(text, isSingle)
    cache.set(text, suffix)
    return suffix
  }
}
