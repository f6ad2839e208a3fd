import type { KnownTags } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { LearnedTags } from '../../version/index.ts'
import { covering, type Covered } from './coverage.ts'
import { firstSeen, publishedAt, wasListed, type Ledger } from './ledger.ts'

/** What is known of a repository beside its tags. */
export interface Listed {
  readonly repository: Repository
  /** The parts that are complete; at least one. */
  readonly parts: readonly Covered[]
  /** How many tags the source listed, those included that are no legal tags. */
  readonly count: number
  readonly validator: string | undefined
  /** When all tags were listed last without regard to what was held: only that shows each tag that went. 0: never. */
  readonly walkedAt: number
  readonly ledger: Ledger
  /** The registry said more than once that there is no such repository. */
  readonly missing: boolean
  /** Tags that are listed and stand for nothing, and when that was last so. The index has none of them. */
  readonly absent: ReadonlyMap<string, number>
}

/** The same with the tags, as memory holds it: they are in the index, and nowhere else. */
export interface Entry extends Listed {
  readonly learned: LearnedTags
  /** It could not be had without credentials lately; with them it may be. */
  readonly denied: boolean
  /** When it was last given to the disk, 0: never. */
  readonly savedAt: number
  readonly history: Required<Pick<KnownTags, 'firstSeen' | 'published' | 'wasListed'>>
}

/** An entry of what is known. */
export function entryOf(listed: Listed, learned: LearnedTags, savedAt: number): Entry {
  const { ledger } = listed
  const history: Entry['history'] = {
    firstSeen: tag => firstSeen(ledger, tag),
    published: tag => publishedAt(ledger, tag),
    wasListed: tag => wasListed(ledger, tag),
  }
  return { ...listed, learned, denied: false, savedAt, history }
}

/** What is held of a slice (undefined: of the whole), if it is held complete. */
export function coveredIn(entry: Entry, slice: string | undefined): Covered | undefined {
  return entry.missing ? undefined : covering(entry.parts, slice)
}

/** What memory takes for it, in bytes. */
export function bytesOf({ learned, ledger: { seen, published } }: Entry): number {
  return learned.bytes + 12 * (seen.hashes.length + published.hashes.length)
}
