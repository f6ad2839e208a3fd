import { compareNumerals, type Numeral } from './numeral.ts'
import type { ShapeDifference } from './verdict.ts'

/** What stands after the core of a tag. */
export interface Suffix {
  /** The literal rest that must be equal: `-alpine3.18`, `-jdk-jammy`, empty for none. */
  readonly variant: string
  /** The kinds of the image's revisions in order: `-r`, `_`, `-k3s`; empty for none. */
  readonly revisionKinds: string
  readonly revisions: readonly Numeral[]
  readonly stage: Stage
  /** The number of the pre-release or fix level, undefined where none is written. */
  readonly stageNumber: Numeral | undefined
  /** A number behind the core, of a stage or a revision: this is one build, whatever the length of its core. */
  readonly build: boolean
}

/** A tag read as a version: prefix, core, tokens. */
export interface Version {
  readonly prefix: string
  /** How many numbers the core has, 1 to 4; those that are not there are 0. */
  readonly count: number
  readonly x: Numeral
  readonly y: Numeral
  readonly z: Numeral
  readonly w: Numeral
  readonly stage: Stage
  readonly stageNumber: Numeral
  readonly suffix: Suffix
}

/** Pre-releases below the release, fix levels above it. */
export type Stage = (typeof stages)[keyof typeof stages]
export const stages = { build: 0, alpha: 1, beta: 2, preview: 3, candidate: 4, release: 5, fix: 6 } as const

/** Whether the version is a pre-release. */
export function isPreRelease(version: { readonly stage: Stage }): boolean {
  return version.stage < stages.release
}

/** What keeps two versions from being compared; undefined where prefix, variant and kinds of revision are the same. */
export function shapeDifference(a: Version, b: Version): ShapeDifference | undefined {
  if (a.prefix !== b.prefix) return 'other-prefix'
  if (a.suffix.variant !== b.suffix.variant) return 'other-variant'
  return a.suffix.revisionKinds === b.suffix.revisionKinds ? undefined : 'other-revision'
}

/**
 * -1, 0 or 1 as `a` is older than, equal to or newer than `b`: core, then pre-release < none < fix level, then
 * revision. A total order on comparable versions; of others it says nothing.
 */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compareCores(a, b) ||
    compareNumerals(a.stage, b.stage) ||
    compareNumerals(a.stageNumber, b.stageNumber) ||
    compareNumerals(a.suffix.revisions[0] ?? 0, b.suffix.revisions[0] ?? 0) ||
    compareNumerals(a.suffix.revisions[1] ?? 0, b.suffix.revisions[1] ?? 0)
  )
}

/** The same for the core alone. */
export function compareCores(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compareNumerals(a.x, b.x) ||
    compareNumerals(a.y, b.y) ||
    compareNumerals(a.z, b.z) ||
    compareNumerals(a.w, b.w)
  )
}
