import { suffixReading, type SuffixReading } from '../reading/read-suffix.ts'
import type { Version } from '../reading/version.ts'
import { noGrammar } from '../grammar/grammar.ts'
import { isRange } from '../tag/core.ts'
import { readSuffix } from '../tag/fields.ts'
import { numeral, type Numeral } from '../tag/numeral.ts'
import { stages } from '../tag/words.ts'
import { datesAreRevisions, type PartName, type Parts } from './parts.ts'

/** The text of a part in one tag; undefined where it is not there. */
export type PartText = (part: PartName) => string | undefined

/** Reads tags of one scheme. */
export interface SchemeReader {
  /** The version that the parts of a tag say; undefined where what should be a number or a date is none. */
  versionOf(text: PartText, readRest: ReadSuffix): Version | undefined
}

/** Reads what stands behind a core by the rules for tags of which nothing else is known. */
export type ReadSuffix = (text: string, core: readonly Numeral[]) => SuffixOfScheme

type SuffixOfScheme = Omit<SuffixReading, 'companion'>

/**
 * In front of every prefix: no tag holds a `*`, so what a scheme has read is never compared with what the built-in rules
 * have read, whose numbers may mean something else. The dash lets words behind it be seen as words.
 */
export const schemeMark = '*-'

/** The reader for patterns with these parts. */
export function createSchemeReader(parts: Parts): SchemeReader {
  const readNumbers = parts.has('year') && !datesAreRevisions(parts) ? datedCore : numberedCore
  return {
    versionOf(text, readRest) {
      const numbers = readNumbers(text)
      if (numbers.includes(noNumber)) return undefined
      const count = numbers.findLastIndex(value => value !== undefined) + 1
      const length = count > lastOf(parts) ? Math.max(count, wholeVersion) : Math.max(count, 1)
      const core = Array.from({ length }, (_, at) => numbers[at] ?? 0)
      const suffix = parts.has('suffix')
        ? suffixOf(text('suffix') ?? '', core, readRest)
        : composedSuffix(text, parts)
      if (suffix === undefined) return undefined
      const prefix = schemeMark + (text('prefix') ?? '')
      return { kind: 'scheme', prefix, base: prefix, core, first: 0, ...suffix }
    },
  }
}

// A version that has all numbers that the pattern names is whole, however few they are: it floats over none.
const wholeVersion = 3

function lastOf(parts: Parts): number {
  if (parts.has('year') && !datesAreRevisions(parts)) return 2
  return (['major', 'minor', 'patch'] as const).findLastIndex(part => parts.has(part))
}

function suffixOf(text: string, core: readonly Numeral[], read: ReadSuffix): SuffixOfScheme | undefined {
  return isRange(text, 0) ? undefined : read(text, core)
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

function composedSuffix(text: PartText, parts: Parts): SuffixOfScheme | undefined {
  const preRelease = preReleaseOf(text('prerelease'))
  const revision = revisionOf(text, parts)
  if (revision?.includes(noNumber)) return undefined
  return {
    ...preRelease,
    variant: preRelease.variant + (text('variant') ?? ''),
    undecided: [],
    skeleton: '',
    revisionKinds: '', // the same for all tags of a scheme: one without a revision comes before the first
    revisions: revision === undefined ? [] : [revision],
    isDecorated: false,
  }
}

// What counts rebuilds, with the time of day behind a date.
function revisionOf(text: PartText, parts: Parts): readonly Numeral[] | undefined {
  const date = datesAreRevisions(parts) ? dateOf(text) : undefined
  if (date !== undefined) return [date, timeOf(text('time')) ?? 0]
  const revision = numberOf(text('revision'))
  return revision === undefined ? undefined : [revision]
}

// Whatever stands there is a pre-release; where we do not know the word, it is only compared with its like.
function preReleaseOf(text: string | undefined): Pick<Version, 'stage' | 'stageNumbers' | 'variant'> {
  if (text === undefined) return { stage: stages.release, stageNumbers: [], variant: '' }
  const suffix = readSuffix(`-${text.replace(/^[-_.]/, '')}`)
  const { stage, stageNumbers, variant } = suffixReading(
    { kind: 'version', prefix: '', core: [0, 0, 0], suffix },
    noGrammar,
  )
  if (stage < stages.release) return { stage, stageNumbers, variant }
  return { stage: stages.build, stageNumbers: [], variant: `-${text}` }
}
