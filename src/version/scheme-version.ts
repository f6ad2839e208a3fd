import { numeral, type Numeral } from './numeral.ts'
import { datesAreRevisions, type PartName, type Parts } from './scheme-parts.ts'
import { readSuffix } from './suffix.ts'
import { stages, type Suffix, type Version } from './version.ts'

/** The text of a part in one tag; undefined where it is not there. */
export type PartText = (part: PartName) => string | undefined

/** Reads tags of one scheme; suffixes that are equal are one object. */
export interface SchemeReader {
  /** The version that the parts of a tag say; undefined where what should be a number or a date is none. */
  versionOf(text: PartText): Version | undefined
}

/**
 * In front of every prefix: no tag holds a `*`, so what a scheme has read is never compared with what the built-in rules
 * have read, whose numbers may mean something else. The dash lets words behind it be seen as words.
 */
export const schemeMark = '*-'

/** The reader for patterns with these parts. */
export function createSchemeReader(parts: Parts): SchemeReader {
  const readCore = parts.has('year') && !datesAreRevisions(parts) ? datedCore : numberedCore
  const suffixes = createSuffixMemory(parts)
  return {
    versionOf(text) {
      const core = readCore(text)
      const count = core.findLastIndex(value => value !== undefined) + 1
      const [x = 0, y = 0, z = 0, w = 0] = core
      const suffix = suffixes.suffixOf(text, count)
      if (suffix === undefined || core.includes(noNumber)) return undefined
      const { stage, stageNumber } = suffix
      return {
        prefix: schemeMark + (text('prefix') ?? ''),
        count: Math.max(count, 1),
        x,
        y,
        z,
        w,
        stage,
        stageNumber: stageNumber ?? 0,
        suffix,
      }
    },
  }
}

/** What stands where a number should. */
const noNumber = -1

type Core = readonly (Numeral | undefined)[]

function numberedCore(text: PartText): Core {
  return [numberOf(text('major')), numberOf(text('minor')), numberOf(text('patch')), numberOf(text('build'))]
}

function datedCore(text: PartText): Core {
  const last = text('time') === undefined ? numberOf(text('build')) : timeOf(text('time'))
  return [numberOf(text('major')), numberOf(text('minor')), dateOf(text), last]
}

function numberOf(text: string | undefined): Numeral | undefined {
  if (text === undefined) return undefined
  return /^\d+$/.test(text) ? numeral(text) : noNumber
}

// 2024-05-10 as 20240510, and 24-05 as 20240500: years of two digits are of this century.
function dateOf(text: PartText): number | undefined {
  const year = text('year')
  if (year === undefined) return undefined
  const [month, day] = [text('month') ?? '00', text('day') ?? '00']
  const inRange = /^\d\d(?:\d\d)?$/.test(year) && /^(?:0?\d|1[0-2])$/.test(month) && /^[0-3]?\d$/.test(day)
  return inRange
    ? Number(year.length === 2 ? `20${year}` : year) * 10_000 + Number(month) * 100 + Number(day)
    : noNumber
}

const timeDigits = 9 // hours, minutes, seconds, milliseconds: the most that a column of the index holds as it is

// 01-41-38 as 014138000, and 0141 the same but for the seconds.
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const digits = text.replace(/[-_.:TZ]/g, '')
  return /^\d{1,9}$/.test(digits) ? Number(digits.padEnd(timeDigits, '0')) : noNumber
}

// Of a repository's tags thousands end alike; the rest, which hostile tags could make endless, is read again.
const mostSuffixes = 1_000

function createSuffixMemory(parts: Parts): {
  suffixOf(text: PartText, count: number): Suffix | undefined
} {
  const known = new Map<string, Suffix | undefined>()
  const read = [...textParts, ...(datesAreRevisions(parts) ? dateParts : [])].filter(part => parts.has(part))
  return {
    suffixOf(text, count) {
      const key = read.map(part => text(part) ?? '').join(' ') + (count === 1 ? ' 1' : '')
      const remembered = known.get(key)
      if (remembered !== undefined || known.has(key)) return remembered
      const suffix = parts.has('suffix')
        ? readSuffix(text('suffix') ?? '', count === 1)
        : composedSuffix(text, parts)
      if (known.size >= mostSuffixes) known.clear()
      known.set(key, suffix)
      return suffix
    },
  }
}

const textParts = ['prerelease', 'revision', 'variant', 'suffix'] as const
const dateParts = ['year', 'month', 'day', 'time'] as const

function composedSuffix(text: PartText, parts: Parts): Suffix | undefined {
  const preRelease = preReleaseOf(text('prerelease'))
  const revisions = revisionsOf(text, parts)
  if (revisions.includes(noNumber)) return undefined
  const isRebuild = text('revision') !== undefined || (datesAreRevisions(parts) && text('year') !== undefined)
  return {
    ...preRelease,
    variant: preRelease.variant + (text('variant') ?? ''),
    revisionKinds: '', // the same for all tags of a scheme: one without a revision comes before the first
    revisions,
    build: preRelease.stageNumber !== undefined || isRebuild,
  }
}

function revisionsOf(text: PartText, parts: Parts): readonly Numeral[] {
  if (datesAreRevisions(parts) && parts.has('year')) return [dateOf(text) ?? 0, timeOf(text('time')) ?? 0]
  return [numberOf(text('revision')) ?? 0]
}

// Whatever stands there is a pre-release; where we do not know the word, it is only compared with its like.
function preReleaseOf(text: string | undefined): Pick<Suffix, 'stage' | 'stageNumber' | 'variant'> {
  if (text === undefined) return { stage: stages.release, stageNumber: undefined, variant: '' }
  const read = readSuffix(`-${text.replace(/^[-_.]/, '')}`, false)
  if (read !== undefined && read.stage < stages.release) return read
  return { stage: stages.build, stageNumber: undefined, variant: `-${text}` }
}
