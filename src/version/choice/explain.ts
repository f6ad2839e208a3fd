import { noImage, type Unreadable } from '../tag/fields.ts'
import { offersFor } from './choose.ts'
import { differenceOf } from './elsewhere.ts'
import { readBy, type LearnedTags } from '../reading/learned-tags.ts'
import { exclusionOf, type OfferRule, type RuleReason, type Wanted } from './offer-rule.ts'
import { isNewer } from './offers.ts'
import { createSchemeTest, isWithin } from './scope.ts'
import { survey, type Asker, type Tagged } from './survey.ts'
import type { ReadTag } from '../reading/tag-reading.ts'
import type { ElsewhereReason } from './verdict.ts'
import { compareReleases, isComparable, isPreRelease, lengthOf, type Version } from '../reading/version.ts'

/** Why a tag of the repository was not chosen. */
export type RejectionReason =
  | Unreadable // no tag that a registry may have, no image, nothing in it that can be compared
  | ElsewhereReason // another line of tags
  | 'other-scheme' // counts in another way, or a series in development
  | 'commit' // a build of a commit, told only to users of such
  | 'floating' // stands for whatever is newest among longer tags
  | 'itself' // the current tag
  | 'same' // another spelling of the same version
  | 'older'
  | 'pre-release' // newer, but offered only to users of pre-releases
  | 'outside-strategy' // newer, but further than the strategy goes
  | RuleReason // newer, and the rule does not let it be offered
  | 'not-newest' // newer and allowed, but not the newest

/** A tag with the reason for which it was not chosen. */
export interface Rejection {
  readonly tag: string
  readonly reason: RejectionReason
}

/**
 * Why each tag of the list but the chosen one was not chosen, in the order of the list. For a tag without a version
 * there is nothing to compare with: only what can be said of each tag alone is said.
 */
export function explain(
  tag: string | undefined,
  list: readonly string[],
  wanted: Wanted & { readonly tags: LearnedTags },
): readonly Rejection[] {
  const { tags } = wanted
  const version = tag === undefined ? 'no-version' : readBy(tags, tag)
  const read = tags.reading.reader(tags.grammar)
  const judge =
    tag === undefined || typeof version === 'string' ? undefined : judgeOf({ tag, version, tags }, wanted)
  return [...new Set(list)]
    .filter(other => other !== judge?.newest)
    .map(other => ({ tag: other, reason: other === tag ? 'itself' : reasonOf(other, read, judge) }))
}

interface Judge {
  readonly newest: string | undefined
  reasonOf(tag: string, version: Version): RejectionReason
}

function reasonOf(tag: string, read: ReadTag, judge: Judge | undefined): RejectionReason {
  const version = noImage(tag) ?? read(tag)
  if (typeof version === 'string') return version
  return judge?.reasonOf(tag, version) ?? 'not-newest'
}

function judgeOf(asker: Asker, wanted: Wanted): Judge {
  const { version: own, tags } = asker
  // Of all tags it is said whether they float; what is offered is what is said without an explanation.
  const around = survey(asker, 0)
  const { isFloating, depth, byStrategy, offers, newest } = offersFor(asker, wanted)
  const isOfScheme = createSchemeTest(own, around.comparable, tags.grammar)
  const offered = new Set(offers.map(({ tag }) => tag))
  const left = new Map(byStrategy.map(one => [one.tag, one]))
  return {
    newest: newest?.tag,
    reasonOf(tag, version) {
      if (offered.has(tag)) return 'not-newest'
      const excluded = left.get(tag)
      if (excluded !== undefined) return reasonOfRule(excluded, tags, wanted.rule)
      if (!isComparable(version, own)) return differenceOf(version, own)
      if (around.floats(version)) return 'floating'
      if (lengthOf(version) < lengthOf(own)) return 'fewer-numbers'
      return isFloating || isNewer(version, own) ? ofNewer(version) : ofOthers(version, own)
    },
  }
  function ofNewer(version: Version): RejectionReason {
    if (version.prefix !== own.prefix) return 'other-prefix'
    if (isPreRelease(version) && !isPreRelease(own)) return 'pre-release'
    if (version.isDecorated && !own.isDecorated) return 'commit'
    return isOfScheme(version) && !isWithin(version, own, depth) ? 'outside-strategy' : 'other-scheme'
  }
}

// Of what the strategy offers and is not offered.
function reasonOfRule(one: Tagged, { without }: LearnedTags, rule: OfferRule | undefined): RejectionReason {
  const excluded = rule && exclusionOf(one, rule)
  return excluded ?? (without?.has(one.tag) ? 'not-newest' : 'pre-release-left')
}

function ofOthers(version: Version, own: Version): RejectionReason {
  const order = compareReleases(version, own)
  if (order !== 0) return 'older'
  if (version.revisionKinds !== own.revisionKinds) return 'other-revision'
  return isNewer(own, version) ? 'older' : 'same'
}
