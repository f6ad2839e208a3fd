import { noGrammar, type Grammar } from '../grammar/grammar.ts'
import { readFields, readSuffix, type Fields, type Suffix, type SuffixReader, type Unreadable } from '../tag/fields.ts'
import { suffixReading, versionOf, type SuffixReading, type Version } from './version.ts'

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

function toVersion(
  fields: Fields | Unreadable,
  grammar: Grammar,
  suffixes?: (fields: Fields, grammar: Grammar) => SuffixReading,
): Version | Unreadable {
  if (typeof fields === 'string') return fields
  if (fields.kind === 'counter' && Number(fields.core[0]) > grammar.largestCounter) return 'no-version'
  return versionOf(fields, grammar, suffixes)
}

function readerUnder(grammar: Grammar): ReadTag {
  const suffixes = new Map<string, Suffix>()
  const whole = new Map<Suffix, SuffixReading>()
  const short = new Map<Suffix, SuffixReading>()
  const read: SuffixReader = text => remembered(suffixes, text, readSuffix)
  // What a suffix says depends on whether the core before it is a whole version.
  const say = (fields: Fields): SuffixReading =>
    remembered(fields.core.length === 0 || fields.core.length > 2 ? whole : short, fields.suffix, () =>
      suffixReading(fields, grammar),
    )
  return tag => toVersion(readFields(tag, read), grammar, say)
}

function remembered<K, V>(map: Map<K, V>, key: K, make: (key: K) => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = make(key)
  map.set(key, fresh)
  return fresh
}
