import { entryOf } from '../grammar/entry-of.ts'
import { noGrammar, type Grammar } from '../grammar/grammar.ts'
import { noImage, readImageTag, readSuffix, type Suffix } from '../tag/fields.ts'
import { suffixReading, type SuffixReading } from './read-suffix.ts'
import { versionOf, type Version } from './version.ts'

/** Reads the tag of an image as a version; never throws, and gives equal answers to equal tags. */
export type ReadTag = (tag: string) => Version | 'no-version'

/** How the tags of a repository are read: by what its list teaches, or by a scheme of its own. */
export interface TagReading {
  /** A reader for tags of a repository with this grammar, which remembers what ends alike. */
  readonly reader: (grammar: Grammar) => ReadTag
  /** The line that a tag is in when the first `depth` numbers are held fast, as people write it; undefined where any version will do. */
  readonly line: (tag: string, version: Version, depth: number) => string | undefined
}

/** The rules for tags of which nothing else is known. */
export const builtInReading: TagReading = {
  reader: readerUnder,
  line: (_, { kind, prefix, core, first }, depth) => {
    if (kind === 'dated') return prefix
    const held = core.slice(0, depth)
    if (held.length === 0) return undefined
    return held.length <= first || first === 0
      ? held.join('.')
      : `${held.slice(0, first).join('.')}-${held.slice(first).join('.')}`
  },
}

/** Whether a tag may be a version, whatever the others of its repository are. */
export function mayBeVersion(tag: string, reading: TagReading): boolean {
  return noImage(tag) === undefined && reading.reader(anyGrammar)(tag) !== 'no-version'
}

/** A tag read alone, whatever the others of its repository are; undefined where it is no version. */
export function readTag(tag: string, reading: TagReading): Version | undefined {
  const version = reading.reader(anyGrammar)(tag)
  return version === 'no-version' ? undefined : version
}

const anyGrammar: Grammar = { ...noGrammar, largestCounter: Number.POSITIVE_INFINITY }

/** A suffix with what it says behind a whole version, and behind one of fewer numbers, where it may complete it. */
interface Said extends Suffix {
  whole?: SuffixReading
  short?: SuffixReading
}

function readerUnder(grammar: Grammar): ReadTag {
  const suffixes = new Map<string, Said>()
  const read = (text: string): Said => entryOf(suffixes, text, () => ({ ...readSuffix(text) }))
  return tag => {
    const fields = readImageTag(tag, read)
    if (fields === 'no-version') return fields
    const { kind, core, suffix } = fields
    if (kind === 'counter' && Number(core[0]) > grammar.largestCounter) return 'no-version'
    const isWhole = core.length === 0 || core.length > 2
    const said = isWhole
      ? (suffix.whole ??= suffixReading(fields, grammar))
      : (suffix.short ??= suffixReading(fields, grammar))
    return versionOf(fields, said)
  }
}
