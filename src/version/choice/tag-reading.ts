import { entryOf } from '../grammar/entry-of.ts'
import { noGrammar, type Grammar } from '../grammar/grammar.ts'
import {
  readFields,
  readSuffix,
  type Fields,
  type Suffix,
  type SuffixReader,
  type Unreadable,
} from '../tag/fields.ts'
import { suffixReading, type SuffixReading } from './read-suffix.ts'
import { versionOf, type Version } from './version.ts'

/** Reads a tag as a version, or says why it is none; never throws, and gives equal answers to equal tags. */
export type ReadTag = (tag: string) => Version | Unreadable

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
  line: (_, { core, first }, depth) => {
    const held = core.slice(0, depth)
    if (held.length === 0) return undefined
    return held.length <= first || first === 0
      ? held.join('.')
      : `${held.slice(0, first).join('.')}-${held.slice(first).join('.')}`
  },
}

/** Whether a tag may be a version, whatever the others of its repository are. */
export function mayBeVersion(tag: string, reading: TagReading): boolean {
  return typeof reading.reader(anyGrammar)(tag) !== 'string'
}

const anyGrammar: Grammar = { ...noGrammar, largestCounter: Number.POSITIVE_INFINITY }

function readerUnder(grammar: Grammar): ReadTag {
  const suffixes = new Map<string, Suffix>()
  const whole = new Map<Suffix, SuffixReading>()
  const short = new Map<Suffix, SuffixReading>()
  const read: SuffixReader = text => entryOf(suffixes, text, () => readSuffix(text))
  // What a suffix says depends on whether the core before it is a whole version.
  const say = (fields: Fields): SuffixReading => {
    const known = fields.core.length === 0 || fields.core.length > 2 ? whole : short
    return entryOf(known, fields.suffix, () => suffixReading(fields, grammar))
  }
  return tag => {
    const fields = readFields(tag, read)
    if (typeof fields === 'string') return fields
    if (fields.kind === 'counter' && Number(fields.core[0]) > grammar.largestCounter) return 'no-version'
    return versionOf(fields, say(fields))
  }
}
