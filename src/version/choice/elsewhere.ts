import { compareCounts } from '../tag/numeral.ts'
import { saysUnstable } from '../tag/words.ts'
import { compareNaturally } from './natural.ts'
import { allowedBy, type OfferRule } from './offer-rule.ts'
import { isMeantFor, type Asked } from './offers.ts'
import { createSchemeTest, isWithin } from './scope.ts'
import type { Tagged } from './survey.ts'
import type { ElsewhereReason } from './verdict.ts'
import { compareReleases, compareVersions, isComparable, lengthOf, type Version } from '../reading/version.ts'

/** A tag that is not comparable, in which a line goes on, and how it differs. */
export interface Elsewhere {
  readonly tag: string
  readonly reason: ElsewhereReason
}

/**
 * Where the line of a tag goes on that nothing newer is offered to: first among variants that differ only in numbers
 * (`-alpine3.17`, `-alpine3.18`), then among all; of one version the tag most like the asker's. What a rule does not let be
 * offered is not told either.
 */
export function findElsewhere(
  asked: Asked,
  depth: number,
  rule: OfferRule | undefined,
): Elsewhere | undefined {
  const { version: own, around, tags } = asked
  const isOfScheme = createSchemeTest(own, around.comparable, tags.grammar)
  const newer = around.all.filter(
    ({ version }) =>
      isWithin(version, own, depth) &&
      (compareReleases(version, own) > 0 || isPerhapsNewer(version, own)) &&
      lengthOf(version) >= Math.min(lengthOf(own), 2) &&
      isWorthTelling(version, own) &&
      (!isComparable(version, own) || isOfScheme(version)) &&
      !around.floats(version),
  )
  const found = allowedBy(rule, newer, own).filter(({ tag }) => tags.without?.has(tag) !== true)
  const family = found.filter(({ version }) => skeletonOf(version) === skeletonOf(own))
  return mostAlike(family, own) ?? mostAlike(found, own)
}

// Differs only in numbers of which nothing tells whether they count builds, none of which is lower.
function isPerhapsNewer(version: Version, own: Version): boolean {
  if (version.skeleton !== own.skeleton || version.base !== own.base || version.first !== own.first)
    return false
  const orders = own.undecided.map((values, at) => compareCounts(version.undecided[at] ?? [], values))
  return compareReleases(version, own) === 0 && orders.includes(1) && !orders.includes(-1)
}

// What is no release is told only to who runs such.
function isWorthTelling(version: Version, own: Version): boolean {
  return isUnstable(own) || (isMeantFor(version, own) && !isUnstable(version))
}

function isUnstable({ prefix, variant }: Version): boolean {
  return saysUnstable(prefix) || saysUnstable(variant)
}

function skeletonOf({ prefix, variant }: Version): string {
  return `${prefix} ${variant.replace(/\d+/g, '#')}`
}

function mostAlike(found: readonly Tagged[], own: Version): Elsewhere | undefined {
  const [newest] = found.toSorted((a, b) => compareReleases(b.version, a.version))
  if (newest === undefined) return undefined
  const [best] = found
    .filter(({ version }) => compareReleases(version, newest.version) === 0)
    .toSorted((a, b) => compareLikeness(a, b, own))
  return best && { tag: best.tag, reason: differenceOf(best.version, own) }
}

// The same prefix first, then the same variant, then the plain one; of variants that differ in numbers the highest; at
// last by code units, so that the order of the list decides nothing.
function compareLikeness(a: Tagged, b: Tagged, own: Version): number {
  return (
    before(a.version.prefix === own.prefix, b.version.prefix === own.prefix) ||
    before(a.version.variant === own.variant, b.version.variant === own.variant) ||
    before(a.version.variant === '', b.version.variant === '') ||
    compareNaturally(b.version.variant, a.version.variant) ||
    compareVersions(b.version, a.version) ||
    compareNaturally(a.tag, b.tag)
  )
}

function before(a: boolean, b: boolean): number {
  return a === b ? 0 : a ? -1 : 1
}

/** What keeps a version from being offered to who uses another. */
export function differenceOf(version: Version, own: Version): ElsewhereReason {
  if (version.base !== own.base) return 'other-prefix'
  if (!isComparable(version, own)) return 'other-variant'
  if (lengthOf(version) < lengthOf(own)) return 'fewer-numbers'
  return version.prefix === own.prefix ? 'other-revision' : 'other-prefix'
}
