import { LRUCache } from 'lru-cache'
import type { TagDigest } from '../../evaluation/index.ts'
import { isShared, type CacheScope } from './credential-scope.ts'

/** The digest of a tag as of its last check. */
export interface DigestRecord {
  /** Undefined where the registry said that there is no such tag. */
  readonly digest: TagDigest | undefined
  readonly fetchedAt: number
  /** Since when it has been known to be the same. */
  readonly since: number
  /** When it was first seen in place of another, or of none; undefined where no other was ever seen. */
  readonly movedAt: number | undefined
  /** The tag was named in a message as the one to use: records of other tags do not push it out. */
  readonly told: boolean
}

/** Digests by tag. */
export type StoredDigests = ReadonlyMap<string, DigestRecord>

/** The digests of tags by scope; bounded for each scope and in all. */
export interface DigestRecords {
  of(scope: CacheScope): StoredDigests
  /** Keeps a record; the oldest of its sort is dropped where they are too many. */
  keep(scope: CacheScope, tag: string, record: DigestRecord): void
  set(scope: CacheScope, records: StoredDigests): void
}

// As for tags: records of namespaces with secrets push out nothing that is shared.
const ownShare = 0.25

/** Creates an empty cache of at most `most` records; the scope that was used longest ago goes first. */
export function createDigestRecords(most: number): DigestRecords {
  const none: StoredDigests = new Map()
  const [shared, own] = [createCache(most), createCache(most * ownShare)]
  const cacheFor = (scope: CacheScope): LRUCache<string, StoredDigests> => (isShared(scope) ? shared : own)
  const of = (scope: CacheScope): StoredDigests => cacheFor(scope).get(scope.key) ?? none
  return {
    of,
    keep(scope, tag, record) {
      const others = [...of(scope)].filter(([other]) => other !== tag)
      cacheFor(scope).set(scope.key, new Map(withoutOldest([...others, [tag, record]])))
    },
    set: (scope, records) => void cacheFor(scope).set(scope.key, records),
  }
}

function createCache(maxSize: number): LRUCache<string, StoredDigests> {
  return new LRUCache({ maxSize: Math.ceil(maxSize), sizeCalculation: records => records.size + 1 })
}

type Sort = 'told' | 'compared' | 'absent'

/*
 * Records are bounded by what they are for, so that one sort does not push out another. A tag that messages name is the newest of
 * its line: its record is the evidence for a refusal, and a repository has as many as it has lines; to push one out takes a
 * thousand. Any tag may be compared with it, and any user may write one that does not exist.
 */
const mostOfSort: Readonly<Record<Sort, number>> = { told: 1_000, compared: 100, absent: 100 }

function sortOf({ digest, told }: DigestRecord): Sort {
  if (digest === undefined) return 'absent'
  return told ? 'told' : 'compared'
}

type Entry = readonly [tag: string, record: DigestRecord]

// The oldest come first; only the sort of the last one may have become too many.
function withoutOldest(entries: readonly Entry[]): readonly Entry[] {
  const last = entries.at(-1)
  if (last === undefined) return entries
  const sort = sortOf(last[1])
  const same = entries.filter(([, record]) => sortOf(record) === sort)
  const oldest = same.length > mostOfSort[sort] ? same[0] : undefined
  return oldest === undefined ? entries : entries.filter(entry => entry !== oldest)
}
