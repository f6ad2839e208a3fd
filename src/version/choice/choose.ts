import { readBy, type LearnedTags } from '../reading/learned-tags.ts'
import { findElsewhere } from './elsewhere.ts'
import { allowedBy, type OfferRule, type Wanted } from './offer-rule.ts'
import { countVersions, newestFirst, newestOf, offersTo, oldestOf, type Asked } from './offers.ts'
import { depthOf } from './scope.ts'
import { keptTag } from '../tag/tag-list.ts'
import { survey, type Asker, type Tagged } from './survey.ts'
import { builtInReading, mayBeVersion, type TagReading } from '../reading/tag-reading.ts'
import type { ElsewhereReason, Reason, Verdict } from './verdict.ts'

/** What a tag is beside the others of its repository. */
export interface Choice {
  readonly verdict: Verdict
  readonly reason: Reason
  /** The tag to go to, as the registry lists it: of an outdated tag, or of a floating one the newest concrete tag of its line. */
  readonly newest: string | undefined
  /** The first step there, as the registry lists it: the oldest tag that is offered; undefined unless outdated. */
  readonly next: string | undefined
  /** Where nothing newer is comparable: the tag in which the line goes on. */
  readonly elsewhere: string | undefined
  /** How `elsewhere` differs. */
  readonly elsewhereReason: ElsewhereReason | undefined
  /** How many different versions are newer and allowed, the newest included; 0 unless outdated. */
  readonly behind: number
  /** The line that was looked at, for a person: `1.25`; undefined where there is no version, or any will do. */
  readonly line: string | undefined
}

/** The verdict for one tag (undefined: the reference has none) beside the tags of its repository. Throws only what a rule throws. */
export function choose(tag: string | undefined, tags: LearnedTags, wanted: Wanted): Choice {
  if (tag === undefined) return noTag
  if (tag === 'latest') return latest
  const version = readBy(tags, tag)
  if (typeof version === 'string') return unversioned
  if (tags.list.length === 0) return noTags
  return chosen(offersFor({ tag, version, tags }, wanted), wanted.rule)
}

/** The verdict where no list of tags can change it, else undefined: the registry need not be asked. */
export function chooseWithoutTags(
  tag: string | undefined,
  reading: TagReading = builtInReading,
): Choice | undefined {
  if (tag === undefined) return noTag
  if (tag === 'latest') return latest
  return mayBeVersion(tag, reading) ? undefined : unversioned
}

const nothing = {
  newest: undefined,
  next: undefined,
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

/** What is offered to a tag. */
export interface Offered {
  readonly asked: Asked
  /** Whether the tag stands for whatever is newest among longer ones. */
  readonly isFloating: boolean
  /** How many numbers are held fast. */
  readonly depth: number
  /** What the strategy alone offers. */
  readonly byStrategy: readonly Tagged[]
  /** Those of them that the rule allows, without what is passed over. */
  readonly offers: readonly Tagged[]
  /** The newest of the offers. */
  readonly newest: Tagged | undefined
}

/** What is offered to a tag among the tags of its repository. */
export function offersFor(asker: Asker, { strategy, rule }: Wanted): Offered {
  const { version, tags } = asker
  const held = depthOf(version, strategy, tags.grammar)
  const asked: Asked = { ...asker, around: survey(asker, Math.min(held, version.core.length)) }
  const isFloating = asked.around.floats(version)
  const depth = isFloating ? version.core.length : held
  const byStrategy = offersTo(asked, { depth, isFloating })
  const allowed = allowedBy(rule, byStrategy, version)
  const { without } = tags
  const offers = without === undefined ? allowed : allowed.filter(({ tag }) => !without.has(tag))
  return { asked, isFloating, depth, byStrategy, offers, newest: newestOf(offers, asked) }
}

/** The tags that are offered to a tag, from the newest on; none to one without a version. */
export function offeredTags(tag: string, tags: LearnedTags, wanted: Wanted): readonly string[] {
  const version = readBy(tags, tag)
  if (typeof version === 'string') return []
  const { asked, offers } = offersFor({ tag, version, tags }, wanted)
  return newestFirst(offers, asked).map(offer => keptTag(offer.tag))
}

function chosen(offered: Offered, rule: OfferRule | undefined): Choice {
  const { asked, isFloating, depth, offers } = offered
  const { tag, version, tags } = asked
  const line = tags.reading.line(tag, version, depth)
  const newest = offered.newest && keptTag(offered.newest.tag)
  if (isFloating) return { ...nothing, verdict: 'floating', reason: 'extended', newest, line }
  if (newest === undefined) return withoutOffer(offered, rule, line)
  const behind = countVersions(offers)
  const oldest = behind === 1 ? undefined : oldestOf(offers, asked)
  const next = oldest === undefined ? newest : keptTag(oldest.tag)
  return { ...nothing, verdict: 'outdated', reason: 'newer', newest, next, behind, line }
}

function withoutOffer(
  { asked, depth }: Offered,
  rule: OfferRule | undefined,
  line: string | undefined,
): Choice {
  const { tag, version, around } = asked
  const isNamed = version.kind === 'named'
  // A number that belongs to a word says nothing alone.
  if (isNamed && version.revisions.length === 0) return unversioned
  const elsewhere = isNamed ? undefined : findElsewhere(asked, depth, rule)
  const isListed = around.all.some(other => other.tag === tag)
  return {
    ...nothing,
    verdict: 'current',
    reason: isListed ? (elsewhere?.reason ?? 'newest') : 'not-listed',
    elsewhere: elsewhere && keptTag(elsewhere.tag),
    elsewhereReason: elsewhere?.reason,
    line,
  }
}
