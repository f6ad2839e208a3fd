import { compareNumerals } from '../tag/numeral.ts'
import { offersFor } from './choose.ts'
import { readBy, type LearnedTags } from '../reading/learned-tags.ts'
import { numbersIn } from './offers.ts'
import { isWithin } from './scope.ts'
import { keptTag } from '../tag/tag-list.ts'
import { compareReleases, isPreRelease, lengthOf, type Version } from '../reading/version.ts'

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
    // One of fewer numbers may float, over a line of its own.
    if (lengthOf(version) < wholeVersion) return search(tag, version, tags)?.tag
    const families = byList.get(tags) ?? new Map<string, Found>()
    byList.set(tags, families)
    const key = `${numbersIn(tag, version)} ${familyOf(version)}`
    const known = families.get(key)
    if (known !== undefined && holdsFor(known, version)) return known.tag
    const found = search(tag, version, tags)
    if (found !== undefined) families.set(key, found)
    return found?.tag
  }
}

function search(tag: string, version: Version, tags: LearnedTags): Found | undefined {
  const { newest } = offersFor({ tag, version, tags }, anyNewer)
  if (newest === undefined) return undefined
  const found = keptTag(newest.tag)
  const read = readBy(tags, found) // anew: the version that was found holds parts of the list's text
  return typeof read === 'string' ? undefined : { from: version, newest: read, tag: found }
}

const anyNewer = { strategy: 'major' } as const

// Whether a number is of another scheme depends on those before it: where only later numbers differ, they must be the same.
function holdsFor({ from, newest }: Found, version: Version): boolean {
  const same = newest.core.findIndex((number, at) => compareNumerals(number, version.core[at] ?? 0) !== 0)
  const isBetween = compareReleases(version, from) >= 0 && compareReleases(newest, version) > 0
  return isBetween && isWithin(from, newest, Math.max(same, 0))
}

const wholeVersion = 3

// Tags of one family are offered the same.
function familyOf(version: Version): string {
  const { kind, prefix, first, variant, revisionKinds, isDecorated } = version
  return [kind, prefix, first, variant, revisionKinds, isDecorated, isPreRelease(version)].join(' ')
}
