import { createEntriesBuilder, type Entries } from './entries.ts'
import { createFrequentTails } from './frequent-tails.ts'
import { isPlainlyNoVersion } from './no-version.ts'
import { isLegalTag, readTag, type SuffixReader, type Unreadable } from './read-tag.ts'
import { createShapes, type Shape } from './shapes.ts'
import { readSuffix } from './suffix.ts'
import { tagAt, type TagList } from './tag-list.ts'
import { builtInReading, type TagReading } from './tag-reading.ts'
import type { Suffix, Version } from './version.ts'

/** Takes the tags of a list one after another. */
export interface TagReader {
  /** Takes the tag at a place of the list; says why, where it is no version. */
  take(at: number): Unreadable | undefined
  finish(): ReadTags
}

/** The tags of a list. */
export interface ReadTags extends Entries {
  /** The shapes by their numbers. */
  readonly shapes: readonly Shape[]
  /** The places of legal tags that are no versions. */
  readonly others: Uint32Array
}

/** A reader of a list. With the built-in reading most tags are read from their bytes, without a string for each. */
export function createTagReader(list: TagList, reading: TagReading = builtInReading): TagReader {
  const isBuiltIn = reading === builtInReading
  const shapes = createShapes()
  const entries = createEntriesBuilder(list.length)
  const frequent = createFrequentTails(list, entries)
  const suffixes = createSuffixCache()
  const others = new Uint32Array(list.length)
  let otherCount = 0

  function versionOf(tag: string): Version | Unreadable {
    if (isBuiltIn) return readTag(tag, suffixes)
    return isLegalTag(tag) ? reading.read(tag) : 'illegal'
  }

  function takeText(at: number): Unreadable | undefined {
    const version = versionOf(tagAt(list, at))
    if (version === 'no-version') others[otherCount++] = at
    if (typeof version === 'string') return version
    const shape = shapes.intern(version)
    const entry = entries.append(at, version, shape)
    if (isBuiltIn) frequent.remember(at, version.suffix, { entry, shape })
    return undefined
  }

  return {
    take(at) {
      if (!isBuiltIn) return takeText(at)
      if (frequent.take(at)) return undefined
      if (!isPlainlyNoVersion(list, list.starts[at] ?? 0, list.starts[at + 1] ?? 0)) return takeText(at)
      others[otherCount++] = at
      return 'no-version'
    },
    finish: () => ({ ...entries.finish(), shapes: shapes.all, others: others.subarray(0, otherCount) }),
  }
}

// The same for tags with other prefixes. One reading serves all, for as long as the index is built.
function createSuffixCache(): SuffixReader {
  const many = new Map<string, Suffix | undefined>()
  const single = new Map<string, Suffix | undefined>()
  return (text, isSingle) => {
    const cache = isSingle ? single : many
    const known = cache.get(text)
    if (known !== undefined || cache.has(text)) return known
    const suffix = readSuffix(text, isSingle)
    cache.set(text, suffix)
    return suffix
  }
}
