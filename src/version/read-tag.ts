import { numeral, type Numeral } from './numeral.ts'
import { readSuffix } from './suffix.ts'
import { stages, type Suffix, type Version } from './version.ts'

/** Why a tag is no version: not a legal OCI tag, a signature or the like, or nothing in it that can be compared. */
export type Unreadable = 'illegal' | 'artefact' | 'no-version'

/** Reads the text after a core; a cache may stand in for the real one, for suffixes repeat. */
export type SuffixReader = (text: string, single: boolean) => Suffix | undefined

/**
 * The tag as a version, or why it is none. Never throws. The grammar of a legal tag is that of the OCI distribution
 * specification ("Pulling manifests"): `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
 */
export function readTag(tag: string, suffixes: SuffixReader = readSuffix): Version | Unreadable {
  const version = isLegalLength(tag) ? readVersion(tag, suffixes) : undefined
  if (version !== undefined) return version
  if (!isLegalTag(tag)) return 'illegal'
  return isArtefact(tag) ? 'artefact' : 'no-version'
}

/** Whether the text is no longer than a tag may be. */
export function isLegalLength(tag: string): boolean {
  return tag.length <= longestTag
}

/** Whether the text may be a tag at all. */
export function isLegalTag(tag: string): boolean {
  if (tag.length === 0 || !isLegalLength(tag)) return false
  const first = tag.charCodeAt(0)
  if (first === dash || first === dot) return false
  for (let at = 0; at < tag.length; at++) if (legal[tag.charCodeAt(at)] !== 1) return false
  return true
}

/** The characters of the longest legal tag. */
export const longestTag = 128
const dash = 45
const underscore = 95
const dot = 46
const zero = 48
const nine = 57

const legal = new Uint8Array(65_536)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-')
  legal[character.charCodeAt(0)] = 1

/** Whether a legal tag may have the character, anywhere but in front. */
export function isLegalByte(code: number): boolean {
  return legal[code] === 1
}

// Cosign's `sha256-<hex>.sig`, and the referrers fallback of the distribution specification (`sha256-<hex>`).
const artefact = /^sha(?:256|512)-[0-9a-f]{32,}|\.(?:sig|att|sbom)$/

function isArtefact(tag: string): boolean {
  return (tag.includes('.') || tag.startsWith('sha')) && artefact.test(tag)
}

function readVersion(tag: string, suffixes: SuffixReader): Version | undefined {
  const first = tag.charCodeAt(0)
  if (isDigit(first)) return readCore(tag, 0, suffixes)
  if (isV(first) && isDigit(tag.charCodeAt(1))) return readCore(tag, 1, suffixes)
  return readPrefixed(tag, suffixes)
}

// A literal prefix ends at a separator (`release-`, `arm64v8-`, `ubuntu-22.04-`), or is glued to a whole version
// (`go1.21.3`); `alpine3.18` and `jdk17` name what the image is built on, not what it is.
function readPrefixed(tag: string, suffixes: SuffixReader): Version | undefined {
  const glued = readGlued(tag, suffixes)
  if (glued !== undefined) return glued
  let found: Version | undefined
  let starts = 0
  for (let start = nextStart(tag, 1); start > 0 && starts < mostStarts; start = nextStart(tag, start + 1)) {
    starts++
    const version = readCore(tag, start, suffixes)
    if (version === undefined) continue
    if (version.count >= 3) return allowed(tag, version)
    if (found === undefined && isPlainPrefix(version.prefix)) found = version
  }
  return found === undefined ? undefined : allowed(tag, found)
}

// What stands before the core may be anything.
function allowed(tag: string, version: Version): Version | undefined {
  if (version.count === 1 && countsBuilds.test(version.prefix)) return undefined
  return isLegalTag(tag) && !isArtefact(tag) ? version : undefined
}

function readGlued(tag: string, suffixes: SuffixReader): Version | undefined {
  const letters = tag.includes('.') ? /^[A-Za-z]+(?=\d+\.\d+\.\d)/.exec(tag) : null
  const version = letters === null ? undefined : readCore(tag, letters[0].length, suffixes)
  return version === undefined ? undefined : allowed(tag, version)
}

// Real prefixes have one or two parts; the limit keeps a hostile tag cheap.
const mostStarts = 4

// The next place behind a separator, and behind a `v` after it, where digits start; 0 for none.
function nextStart(tag: string, from: number): number {
  for (let at = from; at < tag.length; at++) {
    const before = tag.charCodeAt(at - 1)
    if (before !== dash && before !== underscore) continue
    if (tag.startsWith('64', at) && tag.startsWith('x86', at - 4)) continue // `x86_64-` is one word
    const start = isV(tag.charCodeAt(at)) ? at + 1 : at
    if (isDigit(tag.charCodeAt(start))) return start
  }
  return 0
}

function isPlainPrefix(prefix: string): boolean {
  return /^(?:(?:x86[-_]64|[A-Za-z][A-Za-z0-9]*)[-_])+[vV]?$/.test(prefix)
}

// Behind these a lone number counts builds or pull requests.
const countsBuilds =
  /(?:^|[-_])(?:sha|git|commit|pr|mr|pull|build|ci|run|job|main|master|trunk|develop|dev|branch|feature|snapshot|nightly|canary|edge|test)[-_]$/i

// One number of six digits or more is a date or a build id; so are the year and month in `2023-01-05`.
export const longestSingle = 5
const dashedDate = /^(?:19|20)\d\d[-_](?:0[1-9]|1[0-2])(?![0-9a-zA-Z.])/

function readCore(tag: string, start: number, suffixes: SuffixReader): Version | undefined {
  const { numbers, end } = scanNumbers(tag, start)
  const count = numbers.length
  if (count === 1 && saysTooLittle(tag, start, end)) return undefined
  const suffix = suffixes(tag.slice(end), count === 1)
  return suffix === undefined ? undefined : versionOf(tag.slice(0, start), numbers, suffix)
}

function versionOf(prefix: string, numbers: readonly Numeral[], suffix: Suffix): Version {
  const [x = 0, y = 0, z = 0, w = 0] = numbers
  const { stage, stageNumber } = suffix
  const version = { prefix, count: numbers.length, x, y, z, w, stage, stageNumber: stageNumber ?? 0, suffix }
  return stage === stages.fix && stageNumber === undefined && numbers.length === 4
    ? withFixLevel(version)
    : version
}

function scanNumbers(
  tag: string,
  start: number,
): { readonly numbers: readonly Numeral[]; readonly end: number } {
  const numbers: Numeral[] = []
  let end = start - 1
  do {
    const first = end + 1
    end = first + 1
    while (isDigit(tag.charCodeAt(end))) end++
    numbers.push(numeral(tag.slice(first, end)))
  } while (numbers.length < 4 && tag.charCodeAt(end) === dot && isDigit(tag.charCodeAt(end + 1)))
  return { numbers, end }
}

function saysTooLittle(tag: string, start: number, end: number): boolean {
  if (end - start > longestSingle || dashedDate.test(tag.slice(start))) return true
  return isLetter(tag.charCodeAt(end)) && !startsWord(tag.charCodeAt(end), tag.charCodeAt(end + 1))
}

// Mojaloop wrote its fix levels as a fourth number first (`v10.4.0.2-patch`), then as `v10.4.0-patch.2`: one level.
function withFixLevel(version: Version): Version {
  return { ...version, count: 3, w: 0, stageNumber: version.w }
}

// The words that may be glued to a core of one number all start in one of these ways, hardly any commit does.
const wordStarts = new Set(
  ['al', 'be', 'rc', 'cr', 'mi', 'pr', 'de', 'sn', 'ni', 'ca'].map(word =>
    pair(word.charCodeAt(0), word.charCodeAt(1)),
  ),
)

/** Whether two letters begin one of the words that may be glued to a core of one number. */
export function startsWord(first: number, second: number): boolean {
  return wordStarts.has(pair(first, second))
}

// Two letters as one number, either case alike.
function pair(first: number, second: number): number {
  return ((first | 32) << 16) | (second | 32)
}

/** Whether the code is that of an ASCII letter. */
export function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}

/** Whether the code is that of a `v`, either case. */
export function isV(code: number): boolean {
  return code === 118 || code === 86
}

/** Whether the code is that of an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= zero && code <= nine
}
