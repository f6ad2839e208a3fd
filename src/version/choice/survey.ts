import type { Grammar } from '../grammar/grammar.ts'
import type { Numeral } from '../tag/numeral.ts'
import { tagAt } from '../tag/tag-list.ts'
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

/** What surrounds a version among the tags of its repository. */
export function survey({ base }: Version, { list, grammar, reading }: LearnedTags): Survey {
  const read = reading.reader(grammar)
  const all: Tagged[] = []
  for (let at = 0; at < list.length; at++) {
    const tag = tagAt(list, at)
    const version = read(tag)
    if (typeof version !== 'string' && version.base === base) all.push({ tag, version })
  }
  return { all, floats: floatingAmong(all, grammar) }
}

function floatingAmong(all: readonly Tagged[], grammar: Grammar): (version: Version) => boolean {
  const extended = new Set<string>()
  const aliases = new Set<string>()
  const spelled = new Map<string, number>()
  for (const { version } of all) {
    for (const key of keysExtendedBy(version)) extended.add(key)
    if (isOfAlias(version)) aliases.add(keyOf(version, version.core))
    if (isBuild(version)) spelled.set(buildKey(version), Math.max(spelled.get(buildKey(version)) ?? 0, lengthOf(version)))
  }
  return version => {
    if (isBuild(version)) return lengthOf(version) < (spelled.get(buildKey(version)) ?? 0)
    const key = keyOf(version, version.core)
    return aliases.has(key) || (extended.has(key) && !isFixed(version, grammar))
  }
}

// In a repository of such tags the longer ones are made from it, and it stays.
function isFixed(version: Version, { series }: Grammar): boolean {
  return lengthOf(version) === 2 && version.first === 0 && series.fixedPairs.has(`${version.base} ${version.core[0]}`)
}

// A longer core extends each shorter one.
function* keysExtendedBy(version: Version): Generator<string> {
  const { core, first } = version
  for (let shorter = 1; shorter < lengthOf(version); shorter++) yield keyOf(version, core.slice(0, first + shorter))
}

// A single number stands for its builds (`9` for `9-b149`), and a release that is not out for its pre-releases (`9.5` for
// `9.5-rc1`).
function isOfAlias(version: Version): boolean {
  const length = lengthOf(version)
  const isOwnBuild = length === 1 && version.revisions.length > 0
  return isOwnBuild || (length < 3 && isPreRelease(version) && version.stageNumbers.length > 0)
}

function keyOf({ variant, first, kind }: Version, core: readonly Numeral[]): string {
  return `${kind} ${first} ${core.join('.')} ${variant}`
}

// Spellings of one build have one key: `1.2-rc.1`, `1.2.0-rc.1`.
function buildKey({ core, stage, stageNumbers, revisionKinds, revisions, variant }: Version): string {
  const numbers = core.join('.').replace(/(?:\.0)+$/, '')
  return `${numbers} ${stage} ${stageNumbers.join('.')} ${revisionKinds} ${revisions.join(' ')} ${variant}`
}
