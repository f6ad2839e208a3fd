import { choose } from './choose.ts'
import { classOf } from './groups.ts'
import { askOf, floats, scopeDepth } from './offer.ts'
import type { Strategy } from './strategy.ts'
import type { TagIndex } from './tag-index.ts'
import type { ElsewhereReason } from './verdict.ts'
import { compareNumerals } from './numeral.ts'
import { compareVersions, isPreRelease, shapeDifference, type Version } from './version.ts'

/** Why a tag of the repository was not chosen. */
export type RejectionReason =
  | 'illegal' // no tag that a registry may have
  | 'artefact' // a signature, an attestation, an SBOM
  | 'no-version' // nothing in it that can be compared
  | ElsewhereReason // another line of tags
  | 'floating' // stands for whatever is newest among longer tags
  | 'itself' // the current tag
  | 'same' // another spelling of the same version
  | 'older'
  | 'pre-release' // newer, but offered only to users of pre-releases
  | 'outside-strategy' // newer, but further than the strategy goes
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
  tags: readonly string[],
  { index, strategy }: { index: TagIndex; strategy: Strategy },
): readonly Rejection[] {
  const { newest } = choose(tag, index, strategy)
  const current = tag === undefined ? undefined : currentOf(tag, { index, strategy })
  return [...new Set(tags)]
    .filter(other => other !== newest)
    .map(other => ({ tag: other, reason: other === tag ? 'itself' : rejectionOf(other, current, index) }))
}

interface Current {
  readonly version: Version
  /** Whatever is concrete in its line is newer than a floating tag. */
  readonly floating: boolean
  readonly depth: number
}

function currentOf(
  tag: string,
  { index, strategy }: { index: TagIndex; strategy: Strategy },
): Current | undefined {
  const version = index.read(tag)
  if (typeof version === 'string') return undefined
  const floating = floats(askOf(tag, version, index), index)
  return { version, floating, depth: floating ? version.count : scopeDepth[strategy] }
}

function rejectionOf(tag: string, current: Current | undefined, index: TagIndex): RejectionReason {
  const version = index.read(tag)
  if (typeof version === 'string') return version
  if (current === undefined) return 'not-newest'
  const reason = shapeDifference(version, current.version)
  if (reason !== undefined) return reason
  if (floats(askOf(tag, version, index), index)) return 'floating'
  return classOf(version) < classOf(current.version) ? 'fewer-numbers' : orderRejection(version, current)
}

function orderRejection(other: Version, { version, floating, depth }: Current): RejectionReason {
  const order = floating ? 1 : compareVersions(other, version)
  if (order <= 0) return order === 0 ? 'same' : 'older'
  if (isPreRelease(other) && !isPreRelease(version)) return 'pre-release'
  return sameScope(other, version, depth) ? 'not-newest' : 'outside-strategy'
}

function sameScope(a: Version, b: Version, depth: number): boolean {
  const left = [a.x, a.y, a.z].slice(0, depth)
  const right = [b.x, b.y, b.z].slice(0, depth)
  return left.every((value, at) => compareNumerals(value, right[at] ?? 0) === 0)
}
