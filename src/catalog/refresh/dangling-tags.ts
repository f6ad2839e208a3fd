import type { TagDigest } from '../../evaluation/index.ts'
import { tagListOf, type LearnedTags } from '../../version/index.ts'
import type { LearnTags, Entries } from './entries.ts'
import { united, without } from '../entry/difference.ts'
import { hashesOf, hashOfTag, placeOf } from '../entry/tag-hash.ts'
import type { CatalogEntry } from '../entry/entry.ts'
import type { CacheScope } from '../entry/credential-scope.ts'

/** The registry's answer for one tag. */
export interface TagCheck {
  readonly tag: string
  /** Undefined: there is no such tag. */
  readonly digest: TagDigest | undefined
  readonly at: number
}

/**
 * Takes a tag that resolves to no manifest out of the entry, and one that resolves again back into it: a tag that is listed and
 * cannot be pulled is never offered. Only one at a time for each scope.
 */
export async function applyTagCheck(
  scope: CacheScope,
  { tag, digest, at }: TagCheck,
  { entries, learnTags }: { readonly entries: Entries; readonly learnTags: LearnTags },
): Promise<void> {
  const entry = entries.get(scope)
  if (entry === undefined) return
  const wasAbsent = entry.absent.has(tag)
  const others = [...entry.absent].filter(([other]) => other !== tag)
  const tags = entry.learned.list
  if (digest !== undefined && wasAbsent) {
    const back = { added: [0], gone: new Float64Array(0), extent: 'none' } as const
    const learned = await learnTags(united(tags, tagListOf([tag]), back), entry.repository)
    entries.keep(scope, { ...entry, absent: new Map(others) }, learned)
  } else if (digest === undefined && wasAbsent) {
    entries.touch(scope, { ...entry, absent: new Map([...others, [tag, at]]) })
  } else if (digest === undefined && hashesOf(tags).includes(hashOfTag(tag))) {
    const learned = await learnTags(without(tags, new Set([tag])), entry.repository)
    entries.keep(scope, { ...entry, absent: new Map([...others, [tag, at]]) }, learned)
  } else entries.save(scope)
}

/** The dangling tags that a listing still has: one that is not listed any more was deleted, like any other. */
export function stillDangling(absent: CatalogEntry['absent'], learned: LearnedTags): CatalogEntry['absent'] {
  if (absent.size === 0) return absent
  const listed = hashesOf(learned.list).toSorted()
  return new Map([...absent].filter(([tag]) => placeOf(listed, hashOfTag(tag)) >= 0))
}
