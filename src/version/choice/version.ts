import { isCompanion, roleOf, type Grammar } from '../grammar/grammar.ts'
import { neutralPrefix, type Fields } from '../tag/fields.ts'
import { compareNumerals, type Numeral } from '../tag/numeral.ts'
import type { NumberPart, Part, TextPart } from '../tag/parts.ts'
import { isStageLetter, stageOf, stages, type Stage } from '../tag/words.ts'

/** A tag read as a version by the grammar of its repository. */
export interface Version {
  /** The text before the core as it is written. */
  readonly prefix: string
  /** The prefix without a `v` or `release-`, which come and go within a line. */
  readonly base: string
  /** What was read, or that a scheme has read it. */
  readonly kind: Fields['kind'] | 'scheme'
  /** The numbers, those of a second version behind the first (`15-3.3`) included. */
  readonly core: readonly Numeral[]
  /** How many numbers stand before the second version; 0 where there is none. */
  readonly first: number
  readonly stage: Stage
  /** The numbers of the pre-release or fix level; none where none is written. */
  readonly stageNumbers: readonly Numeral[]
  /** What must be equal: words, bases, runtimes. */
  readonly variant: string
  /** What the revisions count, in order: `-r#`; empty for none. */
  readonly revisionKinds: string
  readonly revisions: readonly (readonly Numeral[])[]
  /** Whether a commit stands in it. */
  readonly isDecorated: boolean
}

/** What a suffix says under a grammar. */
export type SuffixReading = Omit<Version, 'prefix' | 'base' | 'kind' | 'core' | 'first'> & {
  /** The numbers of a version directly behind the core, where a core of one or two numbers would be complete with them. */
  readonly companion: NumberPart | undefined
}

/** The version that fields are under a grammar. */
export function versionOf(fields: Fields, grammar: Grammar, readSuffix = suffixReading): Version {
  const { kind, prefix, core } = fields
  const { companion, ...reading } = readSuffix(fields, grammar)
  const base = neutralPrefix(prefix)
  if (companion === undefined) return withFixLevel({ ...reading, kind, prefix, base, core, first: 0 })
  const variant = `${companion.lead}#${reading.variant}`
  return { ...reading, variant, kind, prefix, base, core: [...core, ...companion.values], first: core.length }
}

/** What the suffix of fields says. */
export function suffixReading({ suffix, core }: Fields, grammar: Grammar): SuffixReading {
  const [head] = suffix.parts
  const companion = isCompanion(head, core) ? head : undefined
  const reader = createReader(grammar, core.length > 2)
  const parts = companion === undefined ? suffix.parts : suffix.parts.slice(1)
  for (let at = 0; at < parts.length; at++) if (reader.take(parts, at)) at++
  return { ...reader.finish(), companion }
}

interface Reader {
  /** Takes the part at a place; whether it took the next one as well. */
  take(parts: readonly Part[], at: number): boolean
  finish(): Omit<SuffixReading, 'companion'>
}

function createReader(grammar: Grammar, isWhole: boolean): Reader {
  let [variant, revisionKinds] = ['', '']
  let stage: Stage = stages.release
  let stageNumbers: readonly Numeral[] = []
  let isDecorated = false
  const revisions: (readonly Numeral[])[] = []

  function takeText(part: TextPart, next: Part | undefined): boolean {
    if (grammar.decorations.has(part.word) && next?.kind === 'commit') return false
    const level = stage === stages.release && !isStageLetter(part.word) ? stageOf(part.word) : undefined
    const letter = level === undefined && stage === stages.release && isWhole ? fixLetter(part) : 0
    if (letter > 0) stageNumbers = [letter]
    stage = letter > 0 ? stages.fix : (level ?? stage)
    if (level === undefined && letter === 0) variant += part.text
    if (level === undefined || next?.kind !== 'number' || next.isGlued) return false
    stageNumbers = next.values
    return true
  }

  function takeNumber(part: NumberPart): void {
    const level = stage === stages.release ? stageOfNumber(part, grammar) : undefined
    // Behind a date it is a fix of that day.
    if (level === stages.fix && revisions.length > 0) {
      revisions.push(part.values)
      return
    }
    if (level !== undefined) {
      stage = level
      stageNumbers = part.values
      return
    }
    const role = roleOf(part, grammar)
    if (role === 'choice') variant += part.text
    if (role === 'decoration') isDecorated = true
    if (role !== 'revision') return
    revisionKinds += `${part.lead}#`
    revisions.push(part.values)
  }

  return {
    take(parts, at) {
      const part = parts[at]
      if (part?.kind === 'text') return takeText(part, parts[at + 1])
      if (part?.kind === 'number') takeNumber(part)
      else isDecorated = true
      return false
    },
    finish: () => ({ variant, revisionKinds, revisions, stage, stageNumbers, isDecorated }),
  }
}

// OpenSSL's `1.1.1w` is the fix after `1.1.1v`.
function fixLetter({ text }: TextPart): number {
  return /^[a-z]$/.test(text) ? text.charCodeAt(0) - 'a'.charCodeAt(0) + 1 : 0
}

// Letters count only with a small number: `-a123456` is a commit.
function stageOfNumber({ word, isGlued, lead, digits }: NumberPart, { countsWithB }: Grammar): Stage | undefined {
  if (!isGlued) return undefined
  if (/^_?p$/i.test(lead)) return stages.fix // `9.3_p2`, `2.2.0p12`
  if (!isStageLetter(word)) return stageOf(word)
  if (digits.length > longestOfLetter || (countsWithB && /^b$/i.test(word))) return undefined
  return stageOf(word)
}

const longestOfLetter = 5

// Mojaloop wrote its fix levels as a fourth number first (`v10.4.0.2-patch`), then as `v10.4.0-patch.2`: one level.
function withFixLevel(version: Version): Version {
  const { core, stage, stageNumbers } = version
  const level = core[3]
  if (stage !== stages.fix || stageNumbers.length > 0 || core.length !== 4 || level === undefined) return version
  return { ...version, core: core.slice(0, 3), stageNumbers: [level] }
}

/** Whether the version is a pre-release. */
export function isPreRelease(version: { readonly stage: Stage }): boolean {
  return version.stage < stages.release
}

/** Whether a number behind the core says that this is one build, whatever the length of its core. */
export function isBuild({ stageNumbers, revisions }: Version): boolean {
  return stageNumbers.length > 0 || revisions.length > 0
}

/** How many numbers say which version it is, at most 3: `1.25` may float over `1.25.5`. */
export function lengthOf({ core, first }: Version): number {
  return Math.min(core.length - first, 3)
}

/** Whether two versions may be compared: all that is not a number is the same, but for what comes and goes within a line. */
export function isComparable(a: Version, b: Version): boolean {
  return a.base === b.base && a.variant === b.variant && a.first === b.first && (a.kind === 'named') === (b.kind === 'named')
}

/** -1, 0 or 1 by the numbers of the core, then pre-release < none < fix level. */
export function compareReleases(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compareNumbers(a.core, b.core) || compareNumerals(a.stage, b.stage) || compareNumbers(a.stageNumbers, b.stageNumbers)
  )
}

/** The same, then by revision; 0 as well where the revisions count different things. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return compareReleases(a, b) || (a.revisionKinds === b.revisionKinds ? compareRevisions(a, b) : 0)
}

/** -1, 0 or 1 by the revisions one after another, whatever they count. */
export function compareRevisions({ revisions: a }: Version, { revisions: b }: Version): -1 | 0 | 1 {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareNumbers(a[at] ?? [], b[at] ?? [])
    if (order !== 0) return order
  }
  return 0
}

/** -1, 0 or 1 number by number; those that are not there are 0. */
export function compareNumbers(a: readonly Numeral[], b: readonly Numeral[]): -1 | 0 | 1 {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareNumerals(a[at] ?? 0, b[at] ?? 0)
    if (order !== 0) return order
  }
  return 0
}
