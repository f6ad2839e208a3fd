import { isPreRelease, type Version } from '../reading/version.ts'
import { semverTextOf } from '../reading/semver-text.ts'
import type { Restricting } from '../support/channel.ts'
import type { Strategy } from './strategy.ts'
import type { Tagged } from './survey.ts'

/** What may be offered beside what the strategy says. The same object for the same rule: choices are remembered by it. */
export interface OfferRule {
  /** Whether a version may be offered, by its text for semver; not asked for tags that have none. */
  readonly inRange?: (version: string) => boolean
  /** Whether a tag may never be offered. */
  readonly never?: (tag: string) => boolean
  /** What is offered to a pre-release: `follow` (as without a rule), or `leave`: the newest release if there is one. */
  readonly preReleases: 'follow' | 'leave'
  /** The channel that a version must be in; undefined: any. It counts once `ChannelRules` has bound it to a product. */
  readonly channel?: Restricting
  /** Whether a version is in the channel, of the product that the rule is bound to. */
  readonly inChannel?: (version: Version) => boolean
}

/** What is wanted of a newer tag. */
export interface Wanted {
  readonly strategy: Strategy
  readonly rule?: OfferRule
}

/** Why a rule does not let a tag be offered. */
export type RuleReason =
  | 'never-offered' // the rule names it
  | 'outside-range' // its version is not in the range
  | 'outside-channel' // its line is not in the channel
  | 'pre-release-left' // a pre-release, where there is a release

/** Those of some tags that a rule lets be offered to a version. */
export function allowedBy(
  rule: OfferRule | undefined,
  tagged: readonly Tagged[],
  own: Version,
): readonly Tagged[] {
  if (rule === undefined) return tagged
  const allowed = tagged.filter(one => exclusionOf(one, rule) === undefined)
  if (rule.preReleases === 'follow' || !isPreRelease(own)) return allowed
  const releases = allowed.filter(({ version }) => !isPreRelease(version))
  return releases.length > 0 ? releases : allowed
}

/** Why a rule lets a tag not be offered to anyone; undefined where it does. */
export function exclusionOf(
  { tag, version }: Tagged,
  { inRange, never, inChannel }: OfferRule,
): Exclude<RuleReason, 'pre-release-left'> | undefined {
  if (never?.(tag) === true) return 'never-offered'
  if (inChannel?.(version) === false) return 'outside-channel'
  const text = inRange && semverTextOf(version)
  return inRange === undefined || text === undefined || inRange(text) ? undefined : 'outside-range'
}
