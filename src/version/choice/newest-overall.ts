import { offersFor } from './choose.ts'
import { readBy, type LearnedTags } from './learned-tags.ts'
import { isNewer } from './offers.ts'
import { compareReleases, isPreRelease, lengthOf, type Version } from './version.ts'

/** The newest tag that any strategy offers to a tag; undefined where there is none, or the tag is no version. */
export type FindNewest = (tag: string, tags: LearnedTags) => string | undefined

/** What was found for a version holds for all of its family between it and the newest. */
interface Found {
  readonly from: Version
  readonly newest: Version
  readonly tag: string
}

/** Finds the newest of all for many tags of each list: a walk over the list for the oldest of a family, not for each tag. */
export function createNewestFinder(): FindNewest {
  const byList = new WeakMap<LearnedTags, Map<string, Found>>()
  return (tag, tags) => {
    const version = readBy(tags, tag)
    if (typeof version === 'string') return undefined
    const families = byList.get(tags) ?? new Map<string, Found>()
    byList.set(tags, families)
    // One of fewer numbers may float, over a line of its own.
    const key = lengthOf(version) < wholeVersion ? undefined : familyOf(version)
    const found = key === undefined ? undefined : families.get(key)
    if (found?.tag === tag) return undefined
    if (found !== undefined && compareReleases(version, found.from) >= 0 && isNewer(found.newest, version))
      return found.tag
    const { newest } = offersFor({ tag, version, tags }, 'major')
    const read = newest === undefined ? undefined : readBy(tags, newest)
    if (key !== undefined && newest !== undefined && typeof read === 'object')
      families.set(key, { from: version, newest: read, tag: newest })
    return newest
  }
}

const wholeVersion = 3

// Tags of one family are offered the same.
function familyOf(version: Version): string {
  const { kind, prefix, core, first, variant, revisionKinds, isDecorated } = version
  return [kind, prefix, core.length, first, variant, revisionKinds, isDecorated, isPreRelease(version)].join(' ')
}
