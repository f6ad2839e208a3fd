import { readCore, type Core } from './core.ts'
import { isArtefact, isDigit, isLegalTag, isLetter } from './legal.ts'
import { type Numeral } from './numeral.ts'
import { partsOf, type Part } from './parts.ts'
import { namesBranch, namesChoice, stageOf } from './words.ts'

/** Why a tag is no version: not a legal OCI tag, a signature or the like, or nothing in it that can be compared. */
export type Unreadable = 'illegal' | 'artefact' | 'no-version'

/**
 * What the numbers of a core are: a version; a lone count of builds, which is a version only where a repository counts so;
 * a number that belongs to a word (`python3`), which is chosen and never offered anew; a word with a date behind it
 * (`bookworm-20230919`), which has no number of its own.
 */
export type FieldsKind = 'version' | 'counter' | 'named' | 'dated'

/** A tag cut into its fields, with no judgement of what they mean. */
export interface Fields<S extends Suffix = Suffix> {
  readonly kind: FieldsKind
  /** The text before the core: `v`, `release-`, `python`. */
  readonly prefix: string
  /** The numbers; none in a tag that is dated. */
  readonly core: readonly Numeral[]
  readonly suffix: S
}

/** What stands behind a core. */
export interface Suffix {
  readonly text: string
  readonly parts: readonly Part[]
  /** Whether a word in it says that this is no release, or a fix of one. */
  readonly saysStage: boolean
  /** Whether a number stands in it that belongs to no word. */
  readonly hasBareNumber: boolean
  /** Whether such a number is no date. */
  readonly hasBareCount: boolean
}

/** Reads the text after a core; a cache may stand in for the real one, for suffixes repeat. */
export type SuffixReader<S extends Suffix = Suffix> = (text: string) => S

/** The suffix of a text. */
export const readSuffix: SuffixReader = text => {
  const parts = partsOf(text)
  const saysStage = parts.some(part => part.kind !== 'commit' && stageOf(part.word) !== undefined)
  const hasBareNumber = parts.some(part => part.kind === 'number' && part.word === '')
  const hasBareCount =
    hasBareNumber && parts.some(part => part.kind === 'number' && part.word === '' && !part.isDate)
  return { text, parts, saysStage, hasBareNumber, hasBareCount }
}

/** The fields of a tag, or why it has none. Never throws. */
export function readFields(tag: string): Fields | Unreadable {
  return noImage(tag) ?? readImageTag(tag, readSuffix)
}

/** Why a text is no tag of an image; undefined where it is one. */
export function noImage(tag: string): Exclude<Unreadable, 'no-version'> | undefined {
  if (!isLegalTag(tag)) return 'illegal'
  return isArtefact(tag) ? 'artefact' : undefined
}

/** The same of a tag that is known to be legal, and to name an image. */
export function readImageTag<S extends Suffix>(
  tag: string,
  suffixes: SuffixReader<S>,
): Fields<S> | 'no-version' {
  const first = firstDigit(tag)
  const core = isDigit(tag.charCodeAt(first)) ? coreAt(tag, first) : prefixedCore(tag)
  return core === undefined ? 'no-version' : fieldsOf(tag, core, suffixes)
}

function firstDigit(tag: string): number {
  return (tag.charCodeAt(0) | lowerCase) === letterV && isDigit(tag.charCodeAt(1)) ? 1 : 0
}

const [lowerCase, letterV] = [32, 118]

function coreAt(tag: string, start: number): Core | undefined {
  const core = readCore(tag, start)
  return core?.numbers.length === 1 && namesBranch(tag.slice(0, start)) ? undefined : core
}

function fieldsOf<S extends Suffix>(
  tag: string,
  { start, end, numbers, kind }: Core,
  suffixes: SuffixReader<S>,
): Fields<S> {
  const prefix = start === 0 ? '' : tag.slice(0, start)
  const isDated = kind === 'date' && !isNeutral(prefix)
  // The separator before the date is the suffix's.
  if (isDated)
    return { kind: 'dated', prefix: prefix.slice(0, -1), core: [], suffix: suffixes(tag.slice(start - 1)) }
  const isNamed = start > 1 && numbers.length < wholeVersion && namesChoice(prefix)
  return {
    kind: isNamed ? 'named' : kind === 'counter' ? 'counter' : 'version',
    prefix,
    core: numbers,
    suffix: suffixes(tag.slice(end)),
  }
}

/** The prefix without what says "a version follows" and nothing else (`v`, `release-`): it comes and goes within a line. */
export function neutralPrefix(prefix: string): string {
  if (prefix === '' || prefix === 'v') return ''
  return prefix.replace(/(?<![A-Za-z])v$/, '').replace(/^(?:release|rel|version|ver)[-_.]?$/i, '')
}

function isNeutral(prefix: string): boolean {
  return neutralPrefix(prefix.toLowerCase()) === ''
}

// A prefix ends at a separator (`release-`, `arm64v8-`, `ubuntu-22.04-`), or is glued to a whole version (`go1.21.3`), or
// is the word whose version it is (`python3`).
function prefixedCore(tag: string): Core | undefined {
  const end = endOfWord(tag)
  const glued = end > 0 && isDigit(tag.charCodeAt(end)) ? coreAt(tag, end) : undefined
  if (glued !== undefined && glued.numbers.length >= wholeVersion) return glued
  return separatedCore(tag) ?? (glued !== undefined && namesChoice(tag.slice(0, end)) ? glued : undefined)
}

function endOfWord(tag: string): number {
  let end = 0
  while (isLetter(tag.charCodeAt(end))) end++
  // `RELEASE.2023-01-12T02-06-16Z`
  return tag.charCodeAt(end) === dot && isNeutral(tag.slice(0, end + 1)) ? end + 1 : end
}

const wholeVersion = 3
const dot = 46

// The first whole version behind a separator; else the first number behind plain words.
function separatedCore(tag: string): Core | undefined {
  let found: Core | undefined
  let starts = 0
  for (let start = nextStart(tag, 1); start > 0 && starts < mostStarts; start = nextStart(tag, start + 1)) {
    starts++
    const core = coreAt(tag, start)
    if (core === undefined) continue
    if (core.numbers.length >= wholeVersion) return core
    if (found === undefined && isPlainPrefix(tag.slice(0, start))) found = core
  }
  return found
}

// Real prefixes have one or two parts; the limit keeps a hostile tag cheap.
const mostStarts = 4

// The next place behind a separator, and behind a `v` after it, where digits start; 0 for none.
function nextStart(tag: string, from: number): number {
  for (let at = from; at < tag.length; at++) {
    if (!isDash(tag.charCodeAt(at - 1))) continue
    const start = (tag.charCodeAt(at) | lowerCase) === letterV ? at + 1 : at
    const isProcessor = tag.startsWith('64', at) && tag.startsWith('x86', at - 4)
    if (isDigit(tag.charCodeAt(start)) && !isProcessor) return start
  }
  return 0
}

function isDash(code: number): boolean {
  return code === 45 || code === 95
}

function isPlainPrefix(prefix: string): boolean {
  return /^(?:(?:x86[-_]64|[A-Za-z][A-Za-z0-9]*)[-_])+[vV]?$/.test(prefix)
}
