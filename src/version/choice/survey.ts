import type { Grammar } from '../grammar/grammar.ts'
import { entryOf } from '../grammar/entry-of.ts'
import { neutralPrefix } from '../tag/fields.ts'
import type { Numeral } from '../tag/numeral.ts'
import { wholeText } from '../tag/tag-list.ts'
import { stages, type Stage } from '../tag/words.ts'
import type { LearnedTags } from './learned-tags.ts'
import { isBuild, isPreRelease, lengthOf, type Version } from './version.ts'

/** A tag with the version that it is. */
export interface Tagged {
  readonly tag: string
  readonly version: Version
}

/** The tags of a repository that begin like one tag, but for a `v`, and what they say of each other. */
export interface Survey {
  readonly all: readonly Tagged[]
  /** Whether the version stands for whatever is newest among longer ones: `1.25` beside `1.25.5`. */
  floats(version: Version): boolean
}

/** What surrounds a tag among those of its repository that have the same first `depth` numbers. */
export function survey({ tag, version, tags }: Asker, depth: number): Survey {
  const { list, grammar, reading, without } = tags
  const read = reading.reader(grammar)
  const text = wholeText(list)
  const beginnings = beginningsOf({ tag, version, tags }, depth)
  const all: Tagged[] = []
  for (let at = 0; at < list.length; at++) {
    const start = list.starts[at] ?? 0
    if (beginnings !== undefined && !beginnings.some(beginning => text.startsWith(beginning, start))) continue
    const other = text.slice(start, list.starts[at + 1])
    if (without?.has(other)) continue
    const found = read(other)
    if (typeof found !== 'string' && found.base === version.base) all.push({ tag: other, version: found })
  }
  return { all, floats: floatingAmong(all, grammar) }
}

/** A tag that is asked about. */
export interface Asker {
  readonly tag: string
  readonly version: Version
  readonly tags: LearnedTags
}

// How the tags begin that may matter, by the spellings of the prefix; undefined where that cannot be told from the text.
function beginningsOf(
  { tag, version, tags: { grammar } }: Asker,
  depth: number,
): readonly string[] | undefined {
  const { kind, prefix, base, core } = version
  const held = core.slice(0, depth).join('.')
  if (kind === 'scheme' || !tag.startsWith(prefix + held)) return undefined
  const prefixes = [...grammar.spellings.keys()].filter(other => neutralPrefix(other) === base)
  return [...new Set([prefix, base, `${base}v`, ...prefixes])].map(other => other + held)
}

function floatingAmong(all: readonly Tagged[], grammar: Grammar): (version: Version) => boolean {
  const longer = createExtended()
  const aliases = new Set<string>()
  const spelled = new Map<string, number>()
  for (const { version } of all) {
    longer.add(version)
    for (const key of aliasesOf(version)) aliases.add(key)
    if (isBuild(version) && lengthOf(version) > 1)
      spelled.set(buildKey(version), Math.max(spelled.get(buildKey(version)) ?? 0, lengthOf(version)))
  }
  return version => {
    const length = lengthOf(version)
    if (length > 2) return false
    if (isBuild(version)) return length < (spelled.get(buildKey(version)) ?? 0)
    if (aliases.has(stagedKey(version, version.stage))) return true
    const isExtended = longer.has(version)
    return isExtended && !isFixed(version, grammar)
  }
}

// In a repository of such tags the longer ones are made from it, and it stays.
function isFixed(version: Version, { series }: Grammar): boolean {
  return (
    lengthOf(version) === 2 &&
    version.first === 0 &&
    series.fixedPairs.has(`${version.base} ${version.core[0]}`)
  )
}

interface Extended {
  add(version: Version): void
  has(version: Version): boolean
}

// A longer core extends each shorter one of one number or two.
function createExtended(): Extended {
  const families = new Map<string, Map<Numeral, Set<Numeral>>>()
  return {
    add(version) {
      const length = lengthOf(version)
      if (length < 2) return
      const majors = entryOf(families, headOf(version), () => new Map<Numeral, Set<Numeral>>())
      const minors = entryOf(majors, version.core[version.first] ?? 0, () => new Set<Numeral>())
      if (length > 2) minors.add(version.core[version.first + 1] ?? 0)
    },
    has(version) {
      const minors = families.get(headOf(version))?.get(version.core[version.first] ?? 0)
      if (minors === undefined || lengthOf(version) < 2) return minors !== undefined
      return minors.has(version.core[version.first + 1] ?? 0)
    },
  }
}

// What stands before the numbers that may be extended.
function headOf(version: Version): string {
  const { first, core } = version
  return first === 0 ? familyOf(version) : `${familyOf(version)} ${core.slice(0, first).join('.')}`
}

// A single number stands for its builds (`9` for `9-b149`); a release that is not out, or a stage without a number, for its
// pre-releases (`9.5` and `9.5-rc` for `9.5-rc1`).
function* aliasesOf(version: Version): Generator<string> {
  const length = lengthOf(version)
  if (length === 1 && version.revisions.length > 0) yield stagedKey(version, version.stage)
  if (length > 2 || !isPreRelease(version) || version.stageNumbers.length === 0) return
  yield stagedKey(version, stages.release)
  yield stagedKey(version, version.stage)
}

function stagedKey(version: Version, stage: Stage): string {
  return `${familyOf(version)} ${version.core.join('.')} ${stage}`
}

function familyOf({ variant, first }: Version): string {
  return first === 0 ? variant : `${first} ${variant}`
}

// Spellings of one build have one key: `1.2-rc.1`, `1.2.0-rc.1`.
function buildKey({ core, stage, stageNumbers, revisionKinds, revisions, variant }: Version): string {
  const numbers = core.join('.').replace(/(?:\.0)+$/, '')
  return `${numbers} ${stage} ${stageNumbers.join('.')} ${revisionKinds} ${revisions.join(' ')} ${variant}`
}
