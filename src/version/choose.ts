import { findElsewhere } from './elsewhere.ts'
import { coreKey, wholeKey } from './layout.ts'
import { askOf, floats, isListed, newestOffer, scopeDepth, type Ask } from './offer.ts'
import type { Strategy } from './strategy.ts'
import type { TagIndex } from './tag-index.ts'
import { builtInReading, type TagReading } from './tag-reading.ts'
import type { Reason, ElsewhereReason, Verdict } from './verdict.ts'
import type { Version } from './version.ts'

/** What a tag is beside the others of its repository. */
export interface Choice {
  readonly verdict: Verdict
  readonly reason: Reason
  /** The tag to go to, as the registry lists it: of an outdated tag, or of a floating one the newest concrete tag of its line. */
  readonly newest: string | undefined
  /** Where nothing newer of the same shape exists: the tag of another shape in which the line goes on. */
  readonly elsewhere: string | undefined
  /** How the shape of `elsewhere` differs. */
  readonly elsewhereReason: ElsewhereReason | undefined
  /** How many different versions are newer and allowed, the newest included; 0 unless outdated. */
  readonly behind: number
  /** The line that was looked at, for a person: `1.25`; undefined where there is no version, or any will do. */
  readonly line: string | undefined
}

/** The verdict for one tag (undefined: the reference has none) beside the tags of its repository. Never throws. */
export function choose(tag: string | undefined, index: TagIndex, strategy: Strategy): Choice {
  if (tag === undefined) return noTag
  if (tag === 'latest') return latest
  const version = index.read(tag)
  if (typeof version === 'string') return unversioned
  if (index.size === 0) return noTags
  return chooseVersion(tag, version, { index, strategy })
}

/** The verdict where no list of tags can change it, else undefined: nobody needs to ask the registry. */
export function chooseWithoutTags(
  tag: string | undefined,
  reading: TagReading = builtInReading,
): Choice | undefined {
  if (tag === undefined) return noTag
  if (tag === 'latest') return latest
  return typeof reading.read(tag) === 'string' ? unversioned : undefined
}

const nothing = {
  newest: undefined,
  elsewhere: undefined,
  elsewhereReason: undefined,
  behind: 0,
  line: undefined,
}
/** What is said of a reference that has a digest and no tag. */
export const digestOnly: Choice = { ...nothing, verdict: 'unversioned', reason: 'digest-only' }
const noTag: Choice = { ...nothing, verdict: 'floating', reason: 'no-tag' }
const latest: Choice = { ...nothing, verdict: 'floating', reason: 'latest' }
const noTags: Choice = { ...nothing, verdict: 'unknown', reason: 'no-tags' }
const unversioned: Choice = { ...nothing, verdict: 'unversioned', reason: 'no-version' }

function chooseVersion(
  tag: string,
  version: Version,
  { index, strategy }: { index: TagIndex; strategy: Strategy },
): Choice {
  const ask = askOf(tag, version, index)
  if (floats(ask, index)) return floating(ask, index)
  const depth = scopeDepth[strategy]
  const line = lineOf(version, depth, index)
  const offer = newestOffer(ask, index, { depth, shortest: ask.coreClass, above: wholeKey })
  if (offer !== undefined)
    return { ...nothing, verdict: 'outdated', reason: 'newer', newest: offer.tag, behind: offer.behind, line }
  const listed = isListed(ask, index)
  const elsewhere = findElsewhere(index, ask, depth)
  const reason = listed ? (elsewhere?.reason ?? 'newest') : 'not-listed'
  return {
    ...nothing,
    verdict: 'current',
    reason,
    elsewhere: elsewhere?.tag,
    elsewhereReason: elsewhere?.reason,
    line,
  }
}

function floating(ask: Ask, index: TagIndex): Choice {
  const depth = ask.coreClass
  const offer = newestOffer(ask, index, { depth, shortest: ask.coreClass, above: 0 })
  return {
    ...nothing,
    verdict: 'floating',
    reason: 'extended',
    newest: offer?.tag,
    line: lineOf(ask.version, depth, index),
  }
}

function lineOf(version: Version, depth: number, reading: TagReading): string | undefined {
  if (reading.line !== undefined) return reading.line(version, depth)
  const { x, y, z, w, count } = version
  const numbers = [x, y, z, w].slice(0, Math.min(depth, count, coreKey))
  return numbers.length === 0 ? undefined : numbers.join('.')
}
