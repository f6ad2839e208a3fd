import type { BitSet } from './bits.ts'
import type { Groups } from './groups.ts'
import type { PackedVersions } from './layout.ts'
import type { Numeral } from './numeral.ts'
import type { ShapeTable } from './shape-table.ts'
import type { TagList } from './tag-list.ts'
import type { TagReading } from './tag-reading.ts'
import { firstTexts, type Texts } from './texts.ts'

/** For users of releases and for users of pre-releases a set of places. */
export interface Offered {
  readonly toReleases: BitSet
  readonly toPreReleases: BitSet
}

/** Groups with what may be offered in them. */
export interface OfferedGroups extends Groups, Offered {}

/**
 * The tags of one repository in an order that makes a choice cheap, in a few arrays of numbers: about 25 bytes a tag.
 * Immutable.
 */
export interface TagIndex extends TagReading {
  /** How many legal tags the repository has, those that are no versions included, signatures and their like not. */
  readonly size: number
  /** About how much memory it takes. */
  readonly bytes: number
  /** The versions shape by shape, each from the oldest to the newest: the place is the entry. */
  readonly versions: PackedVersions
  /** Numbers too large for a column: see `columns.ts`. */
  readonly wide: readonly Numeral[]
  /** The tags of the versions, then those of other tags, then the texts of the shapes. */
  readonly texts: Texts
  readonly shapes: ShapeTable
  /** Comparable tags together, by the length of their core: see `groupOf`. */
  readonly byShape: OfferedGroups
  /** Of each version that is offered in a group of a shape its first place. */
  readonly firsts: Offered
  /** Tags whose shapes differ only in numbers and commits. */
  readonly byFamily: OfferedGroups
  /** Tags whose prefixes are the same but for a `v`; within equal cores and stages by shape. */
  readonly byBase: OfferedGroups
}

/** The `size` tags of an index, in no particular order, without a string for each. */
export function tagListFrom({ size, texts }: TagIndex): TagList {
  return { length: size, ...firstTexts(texts, size) }
}
