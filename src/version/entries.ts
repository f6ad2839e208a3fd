import { createColumnsBuilder, type Columns, type Core } from './columns.ts'
import { classOf, coreClasses, groupOf } from './groups.ts'
import type { Version } from './version.ts'

/** Versions read from the tags of a list, in its order: what is in arrays has an entry for each. */
export interface Entries {
  readonly length: number
  readonly columns: Columns
  /** The number of each version's group: see {@link groupOf}. */
  readonly groups: Uint32Array
  /** 1 where a number behind the core says which build it is. */
  readonly builds: Uint8Array
  /** The place of each version's tag in the list. */
  readonly sources: Uint32Array
}

/** Something that takes versions, and gives the entries once all have been taken. */
export interface EntriesBuilder {
  /** Appends the version of the tag at a place of the list; gives its entry. */
  append(source: number, version: Version, shape: number): number
  /** Appends a tag that differs from another in its core only. */
  appendLike(source: number, like: Like, core: Core): void
  finish(): Entries
}

/** An entry whose tag differs from others in its core only. */
export interface Like {
  readonly entry: number
  readonly shape: number
  /** A release without revisions: there is nothing behind its core that a column holds. */
  readonly plain: boolean
}

/** A builder for at most `capacity` versions. */
export function createEntriesBuilder(capacity: number): EntriesBuilder {
  const columns = createColumnsBuilder(capacity)
  const groups = new Uint32Array(capacity)
  const builds = new Uint8Array(capacity)
  const sources = new Uint32Array(capacity)
  let length = 0
  return {
    append(source, version, shape) {
      const entry = length++
      sources[entry] = source
      columns.put(entry, version)
      groups[entry] = groupOf(shape, classOf(version))
      builds[entry] = version.suffix.build ? 1 : 0
      return entry
    },
    appendLike(source, like, core) {
      const entry = length++
      sources[entry] = source
      columns.putCore(entry, core)
      if (!like.plain) columns.copyBehindCore(like.entry, entry)
      groups[entry] = groupOf(like.shape, Math.min(core.count, coreClasses))
      builds[entry] = builds[like.entry] ?? 0
    },
    finish: () => ({ length, columns: columns.finish(length), groups, builds, sources }),
  }
}
