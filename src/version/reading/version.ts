import { neutralPrefix, type Fields } from '../tag/fields.ts'
import { compareCounts, compareNumbers, compareNumerals, type Numeral } from '../tag/numeral.ts'
import { stages, type Stage } from '../tag/words.ts'
import type { SuffixReading } from './read-suffix.ts'

/** A tag read as a version by the grammar of its repository. */
export interface Version extends Omit<SuffixReading, 'companion'> {
  /** The text before the core as it is written. */
  readonly prefix: string
  /** The prefix without a `v` or `release-`, which come and go within a line. */
  readonly base: string
  /** What was read, or that a scheme has read it. */
  readonly kind: Fields['kind'] | 'scheme'
  /** The numbers, those of a second version behind the first (`15-3.3`) included. */
  readonly core: readonly Numeral[]
  /** How many numbers stand before the second version; 0 where there is none. */
  readonly first: number
}

/** The version that fields are, with what their suffix says. */
export function versionOf({ kind, prefix, core }: Fields, said: SuffixReading): Version {
  const { companion, variant } = said
  const whole = companion === undefined ? core : [...core, ...companion.values]
  const version = {
    kind,
    prefix,
    base: neutralPrefix(prefix),
    core: whole,
    first: companion === undefined ? 0 : core.length,
    stage: said.stage,
    stageNumbers: said.stageNumbers,
    variant: companion === undefined ? variant : `${companion.lead}#${variant}`,
    undecided: said.undecided,
    skeleton: said.skeleton,
    revisionKinds: said.revisionKinds,
    revisions: said.revisions,
    isDecorated: said.isDecorated,
  }
  return said.stage === stages.fix ? withFixLevel(version) : version
}

// Mojaloop wrote its fix levels as a fourth number first (`v10.4.0.2-patch`), then as `v10.4.0-patch.2`: one level.
function withFixLevel(version: Version): Version {
  const { core, stage, stageNumbers } = version
  const level = core[3]
  if (stage !== stages.fix || stageNumbers.length > 0 || core.length !== 4 || level === undefined)
    return version
  return { ...version, core: core.slice(0, 3), stageNumbers: [level] }
}

/** Whether the version is a pre-release. */
export function isPreRelease(version: { readonly stage: Stage }): boolean {
  return version.stage < stages.release
}

/** Whether a number or a commit behind the core says that this is one build, whatever the length of its core. */
export function isBuild({ stageNumbers, revisions, isDecorated }: Version): boolean {
  return stageNumbers.length > 0 || revisions.length > 0 || isDecorated
}

/** How many numbers say which version it is, at most 3: `1.25` may float over `1.25.5`. */
export function lengthOf({ core, first }: Version): number {
  return Math.min(core.length - first, 3)
}

/** Whether two versions may be compared: all that is not a number is the same, but for what comes and goes within a line. */
export function isComparable(a: Version, b: Version): boolean {
  return a.base === b.base && a.variant === b.variant && a.first === b.first
}

/** -1, 0 or 1 by the numbers of the core, then pre-release < none < fix level. */
export function compareReleases(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compareNumbers(a.core, b.core) ||
    compareNumerals(a.stage, b.stage) ||
    compareNumbers(a.stageNumbers, b.stageNumbers)
  )
}

/** The same, then by revision; 0 as well where the revisions count different things. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return compareReleases(a, b) || (a.revisionKinds === b.revisionKinds ? compareRevisions(a, b) : 0)
}

/** -1, 0 or 1 by the revisions one after another, whatever they count. */
export function compareRevisions({ revisions: a }: Version, { revisions: b }: Version): -1 | 0 | 1 {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareCounts(a[at] ?? [], b[at] ?? [])
    if (order !== 0) return order
  }
  return 0
}

/** What spellings of one version share: `1.2-rc.1`, `1.2.0-rc.1`. */
export function keyOf({ core, stage, stageNumbers, revisionKinds, revisions, variant }: Version): string {
  const last = core.findLastIndex(number => number !== 0)
  const numbers = core.slice(0, Math.max(last, 0) + 1).join('.')
  return `${numbers} ${stage} ${stageNumbers.join('.')} ${revisionKinds} ${revisions.join(' ')} ${variant}`
}
