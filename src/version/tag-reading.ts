import { readTag, type Unreadable } from './read-tag.ts'
import type { Version } from './version.ts'

/**
 * Reads a tag as a version, or says why it is none; never throws, and gives equal answers to equal tags. Prefix, variant
 * and kinds of revision are ASCII of at most 255 characters, as all that is cut out of a tag is: an index keeps them as bytes.
 */
export type ReadTag = (tag: string) => Version | Unreadable

/** How the tags of a repository are read: by the built-in rules, or by a scheme of its own. */
export interface TagReading {
  readonly read: ReadTag
  /**
   * The line that a version is in when the first `depth` numbers are held fast, as people write it; undefined where any
   * version will do. Without it the numbers with dots between them.
   */
  line?(version: Version, depth: number): string | undefined
}

/** The rules for tags of which nothing else is known. */
export const builtInReading: TagReading = { read: tag => readTag(tag) }
