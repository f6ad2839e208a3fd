import type { TagDigest } from '../../evaluation/index.ts'
import { tagListOf } from '../../version/index.ts'
import type { LearnTags } from './learn-tags.ts'
import { united, without } from '../entry/difference.ts'
import type { Entries } from './entries.ts'
import { hashesOf, hashOfTag } from '../entry/tag-hash.ts'
import type { View } from '../entry/views.ts'

/** What the registry said of a tag. */
export interface Proof {
  readonly tag: string
  /** Undefined: there is no such tag. */
  readonly digest: TagDigest | undefined
  readonly at: number
}

/**
 * Takes a tag that proves to stand for nothing out of the index, and one that proves to be there back into it: what is
 * listed and cannot be pulled is offered to nobody. One at a time for each view.
 */
export async function noteProof(
  view: View,
  { tag, digest, at }: Proof,
  { entries, learnTags }: { readonly entries: Entries; readonly learnTags: LearnTags },
): Promise<void> {
  const entry = entries.get(view)
  if (entry === undefined) return
  const wasAbsent = entry.absent.has(tag)
  const others = [...entry.absent].filter(([other]) => other !== tag)
  const tags = entry.learned.list
  if (digest !== undefined && wasAbsent) {
    const back = { added: [0], gone: new Float64Array(0), scope: 'none' } as const
    const learned = await learnTags(united(tags, tagListOf([tag]), back), entry.repository)
    entries.keep(view, { ...entry, absent: new Map(others) }, learned)
  } else if (digest === undefined && wasAbsent) {
    entries.touch(view, { ...entry, absent: new Map([...others, [tag, at]]) })
  } else if (digest === undefined && hashesOf(tags).includes(hashOfTag(tag))) {
    const learned = await learnTags(without(tags, new Set([tag])), entry.repository)
    entries.keep(view, { ...entry, absent: new Map([...others, [tag, at]]) }, learned)
  } else entries.save(view)
}
