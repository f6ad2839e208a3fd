import { LRUCache } from 'lru-cache'

import type { DigestRecord, StoredDigests } from './stored-header.ts'
import { isShared, type View } from '../entry/views.ts'

/** What the tags of views stand for, as it was said last; of each view so many, and so many in all. */
export interface DigestRecords {
  of(view: View): StoredDigests
  /** Keeps a record; others of its sort go if there are too many. */
  keep(view: View, tag: string, record: DigestRecord): void
  set(view: View, records: StoredDigests): void
}

// As for tags: what namespaces see with their secrets pushes out nothing that everybody shares.
const ownShare = 0.25

/** No records yet, and never more than so many; the views that were not asked for longest go first. */
export function createDigestRecords(most: number): DigestRecords {
  const none: StoredDigests = new Map()
  const [shared, own] = [createViews(most), createViews(most * ownShare)]
  const viewsFor = (view: View): LRUCache<string, StoredDigests> => (isShared(view) ? shared : own)
  const of = (view: View): StoredDigests => viewsFor(view).get(view.key) ?? none
  return {
    of,
    keep(view, tag, record) {
      const others = [...of(view)].filter(([other]) => other !== tag)
      viewsFor(view).set(view.key, new Map(withoutOldest([...others, [tag, record]])))
    },
    set: (view, records) => void viewsFor(view).set(view.key, records),
  }
}

function createViews(maxSize: number): LRUCache<string, StoredDigests> {
  return new LRUCache({ maxSize: Math.ceil(maxSize), sizeCalculation: records => records.size + 1 })
}

type Sort = 'told' | 'compared' | 'absent'

/*
 * By what the record is for, so that of one sort nothing pushes out another. A tag that is told to people is the newest of its
 * line: its record is the proof that refuses, and there are as many as the repository has lines; one that could push them out
 * would have to name a thousand. Any tag may be compared with it, and anybody may write one that is not there.
 */
const mostOfSort: Readonly<Record<Sort, number>> = { told: 1_000, compared: 100, absent: 100 }

function sortOf({ digest, told }: DigestRecord): Sort {
  if (digest === undefined) return 'absent'
  return told ? 'told' : 'compared'
}

type Entry = readonly [tag: string, record: DigestRecord]

// The oldest come first; the one that came last is of the only sort that may be too many.
function withoutOldest(entries: readonly Entry[]): readonly Entry[] {
  const last = entries.at(-1)
  if (last === undefined) return entries
  const sort = sortOf(last[1])
  const same = entries.filter(([, record]) => sortOf(record) === sort)
  const oldest = same.length > mostOfSort[sort] ? same[0] : undefined
  return oldest === undefined ? entries : entries.filter(entry => entry !== oldest)
}
