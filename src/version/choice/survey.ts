import type { Grammar } from '../grammar/grammar.ts'
import { entryOf } from '../grammar/entry-of.ts'
import { neutralPrefix } from '../tag/fields.ts'
import { isDigit } from '../tag/legal.ts'
import type { Numeral } from '../tag/numeral.ts'
import { wholeText } from '../tag/tag-list.ts'
import { stages, type Stage } from '../tag/words.ts'
import type { LearnedTags } from '../reading/learned-tags.ts'
import { isBuild, isComparable, isPreRelease, keyOf, lengthOf, type Version } from '../reading/version.ts'

/** A tag with the version that it is. */
export interface Tagged {
  readonly tag: string
  readonly version: Version
}

/** The tags of a repository that begin like one tag, but for a `v`, and what they say of each other. */
export interface Survey {
  readonly all: readonly Tagged[]
  /** Those of them that may be compared with the tag. */
  readonly comparable: readonly Tagged[]
  /** Whether the version stands for whatever is newest among longer ones: `1.25` beside `1.25.5`. */
  floats(version: Version): boolean
}

/** What surrounds a tag among those of its repository that have the same first `depth` numbers. */
export function survey(asker: Asker, depth: number): Survey {
  const { version: own, tags } = asker
  const { list, grammar, reading } = tags
  const read = reading.reader(grammar)
  const text = wholeText(list)
  const mayMatter = createBeginningTest(asker, depth)
  const all: Tagged[] = []
  for (let at = 0; at < list.length; at++) {
    const start = list.starts[at] ?? 0
    if (!mayMatter(text, start)) continue
    const tag = text.slice(start, list.starts[at + 1])
    const version = read(tag)
    if (version !== 'no-version' && version.base === own.base) all.push({ tag, version })
  }
  const comparable = all.filter(({ version }) => isComparable(version, own))
  return { all, comparable, floats: floatingAmong(all, grammar) }
}

/** A tag that is asked about. */
export interface Asker {
  readonly tag: string
  readonly version: Version
  readonly tags: LearnedTags
}

// Whether a tag may matter by how it begins: with one of the spellings of the prefix, and the numbers that are held fast.
function createBeginningTest(
  { tag, version, tags: { grammar } }: Asker,
  depth: number,
): (text: string, start: number) => boolean {
  const { kind, prefix, base, core } = version
  const held = core.slice(0, depth).join('.')
  // What cannot be told from the text.
  if (kind === 'scheme' || !tag.startsWith(prefix + held)) return () => true
  const prefixes = [...grammar.spellings.keys()].filter(other => neutralPrefix(other) === base)
  const beginnings = [...new Set([prefix, base, `${base}v`, ...prefixes])].map(other => other + held)
  const isFollowedByNumber = held === '' && kind !== 'dated'
  return (text, start) =>
    beginnings.some(
      beginning =>
        text.startsWith(beginning, start) &&
        (!isFollowedByNumber || isDigit(text.charCodeAt(start + beginning.length))),
    )
}

// Only of tags with fewer numbers it is asked.
function floatingAmong(all: readonly Tagged[], grammar: Grammar): (version: Version) => boolean {
  let known: Longer | undefined
  return version => lengthOf(version) < 3 && floats(version, (known ??= longerAmong(all, grammar)), grammar)
}

/** What longer tags say of shorter ones. */
interface Longer {
  readonly extended: Extended
  /** What a pre-release or a build stands for. */
  readonly aliases: ReadonlySet<string>
  /** How many numbers a build is written with. */
  readonly builds: ReadonlyMap<string, number>
}

function longerAmong(all: readonly Tagged[], grammar: Grammar): Longer {
  const extended = createExtended()
  const aliases = new Set<string>()
  const builds = new Map<string, number>()
  for (const { version } of all) {
    extended.add(version)
    for (const key of aliasesOf(version, grammar)) aliases.add(key)
    if (!isBuild(version) || lengthOf(version) < 2) continue
    const key = keyOf(version)
    builds.set(key, Math.max(builds.get(key) ?? 0, lengthOf(version)))
  }
  return { extended, aliases, builds }
}

function floats(version: Version, { extended, aliases, builds }: Longer, grammar: Grammar): boolean {
  if (isBuild(version)) return lengthOf(version) < (builds.get(keyOf(version)) ?? 0)
  if (aliases.has(stagedKey(version, version.stage))) return true
  return extended.has(version) && !isFixed(version, grammar)
}

// In a repository of such tags the longer ones are made from it, and it stays.
function isFixed(version: Version, { series }: Grammar): boolean {
  return isPair(version) && series.fixedPairs.has(majorOf(version))
}

function isPair(version: Version): boolean {
  return lengthOf(version) === 2 && version.first === 0
}

function majorOf({ base, core }: Version): string {
  return `${base} ${core[0]}`
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

// A single number stands for its builds (`9` for `9-b149`), and one of two where they all have such; a release that is not out, or a stage without a number, for its
// pre-releases (`9.5` and `9.5-rc` for `9.5-rc1`).
function* aliasesOf(version: Version, { series }: Grammar): Generator<string> {
  const length = lengthOf(version)
  const isOfBuilds = length === 1 || (isPair(version) && series.builtPairs.has(majorOf(version)))
  if (isOfBuilds && version.revisions.length > 0) yield stagedKey(version, version.stage)
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
