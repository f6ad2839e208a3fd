import { compareNumbers } from '../tag/numeral.ts'
import { createSchemeTest, isWithin } from './scope.ts'
import type { Asker, Survey, Tagged } from './survey.ts'
import {
  compareReleases,
  compareRevisions,
  isComparable,
  isPreRelease,
  lengthOf,
  type Version,
} from './version.ts'

/** A tag that is asked about, with the tags around it. */
export interface Asked extends Asker {
  readonly around: Survey
}

/** Where to look: versions with the asker's first `depth` numbers; `isFloating`: at or below the asker as well. */
export interface Scope {
  readonly depth: number
  readonly isFloating: boolean
}

/** The tags that may be offered to the asker. */
export function offersTo(asked: Asked, { depth, isFloating }: Scope): readonly Tagged[] {
  const { version: own, tags, around } = asked
  const isOfScheme = createSchemeTest(own, around.all, tags.grammar)
  const rebuilds = own.revisionKinds === '' ? rebuildsOf(own, around) : onlyPlain
  const found = around.all.filter(
    ({ version }) =>
      isComparable(version, own) &&
      lengthOf(version) >= lengthOf(own) &&
      isWithin(version, own, depth) &&
      isMeantFor(version, own) &&
      (isFloating || isNewer(version, own)) &&
      isOfScheme(version) &&
      (own.revisionKinds !== '' || rebuilds.has(version.revisionKinds)) &&
      !around.floats(version),
  )
  return found.filter(({ version }) => version.prefix === own.prefix || hasEnded(own, version, asked))
}

// What counts rebuilds of a plain tag, and no choice or nightly build: some version is there with and without it. A tag of
// fewer numbers is plain itself where it floats.
function rebuildsOf(own: Version, { all }: Survey): ReadonlySet<string> {
  const comparable = all.flatMap(({ version }) => (isComparable(version, own) ? [version] : []))
  if (comparable.every(({ revisionKinds }) => revisionKinds === '')) return onlyPlain
  const plain = new Set(comparable.flatMap(one => (one.revisionKinds === '' ? [one.core.join('.')] : [])))
  const kinds = comparable.filter(({ core }) => lengthOf(own) < 3 || plain.has(core.join('.')))
  return new Set(['', ...kinds.map(({ revisionKinds }) => revisionKinds)])
}

const onlyPlain: ReadonlySet<string> = new Set([''])

/** Whether a version may be told to who uses another: no pre-release to a release, no build of a commit to what is none. */
export function isMeantFor(version: Version, own: Version): boolean {
  return (!isPreRelease(version) || isPreRelease(own)) && (!version.isDecorated || own.isDecorated)
}

/** Whether a version comes after another; of one release only where the same is counted behind it. */
export function isNewer(version: Version, own: Version): boolean {
  const order = compareReleases(version, own)
  if (order !== 0) return order > 0
  return version.revisionKinds === own.revisionKinds && compareRevisions(version, own) > 0
}

// The line goes on in another spelling (`1.3.0` after `v1.2.9`) only where the asker's own has nothing as new, in this
// variant, and nothing newer in any; and not where versions are written in both ways.
function hasEnded(own: Version, other: Version, { tags, around }: Asked): boolean {
  if (withoutV(own.prefix) !== withoutV(other.prefix)) return false
  const { spellings, inParallel } = tags.grammar
  const newest = spellings.get(own.prefix)
  if (newest === undefined || inParallel.has(own.base) || compareNumbers(newest, other.core) > 0) return false
  return !around.all.some(
    ({ version }) =>
      version.prefix === own.prefix && isComparable(version, own) && compareReleases(version, other) >= 0,
  )
}

function withoutV(prefix: string): string {
  return prefix.replace(/(?<![A-Za-z])v$/, '')
}

/** The newest of some offers, spelled most like the asker; undefined for none. */
export function newestOf(offers: readonly Tagged[], asked: Asked): Tagged | undefined {
  if (offers.length === 0) return undefined
  const top = offers.reduce((best, other) =>
    compareReleases(other.version, best.version) > 0 ? other : best,
  )
  const rank = rankBy(asked)
  return offers
    .filter(({ version }) => compareReleases(version, top.version) === 0)
    .toSorted(
      (a, b) =>
        rank(b.version) - rank(a.version) ||
        compareRevisions(b.version, a.version) ||
        compareSpellings(a, b, asked) ||
        (a.tag < b.tag ? -1 : 1),
    )[0]
}

// Of one release: what counts the same as the asker does. To who counts nothing a rare rebuild (`6.0.428-1`) is newer than
// what it rebuilds, but a counter that every release has is another way to write it.
function rankBy({ version: own, around }: Asked): (version: Version) => number {
  const hasRebuilds = around.all.some(({ version }) => isBareCount(version.revisionKinds))
  const isRare = own.revisionKinds === '' && hasRebuilds && isRareRebuild(own, around)
  return ({ revisionKinds }) => {
    if (isRare && isBareCount(revisionKinds)) return 3
    if (revisionKinds === own.revisionKinds) return 2
    return revisionKinds === '' ? 0 : 1
  }
}

function isBareCount(kinds: string): boolean {
  return kinds === '-#' || kinds === '_#'
}

function isRareRebuild(own: Version, { all }: Survey): boolean {
  const [plain, rebuilt] = [new Set<string>(), new Set<string>()]
  for (const { version } of all) {
    if (!isComparable(version, own) || isPreRelease(version)) continue
    const [count = 0] = version.revisions[0] ?? []
    if (version.revisionKinds === '') plain.add(version.core.join('.'))
    if (isBareCount(version.revisionKinds) && count < longestCount) rebuilt.add(version.core.join('.'))
  }
  return rebuilt.size > 0 && rebuilt.size * 2 <= plain.size
}

const longestCount = 1000 // more is a date or a build number

// Several tags may be one version (`1.2.3`, `1.02.3`, `1.2.3.0`): the asker's prefix, as many numbers, then the shorter.
function compareSpellings(a: Tagged, b: Tagged, { tag: asked, version: own }: Asked): number {
  const distance = ({ tag, version }: Tagged): number =>
    Math.abs(numbersIn(tag, version) - numbersIn(asked, own))
  const prefix = ({ version }: Tagged): number => (version.prefix === own.prefix ? 0 : 1)
  return prefix(a) - prefix(b) || distance(a) - distance(b) || a.tag.length - b.tag.length
}

/** How many numbers with dots between them stand behind the prefix, as they are written. */
export function numbersIn(tag: string, { prefix }: Version): number {
  return /^[\d.]*/.exec(tag.slice(prefix.length))?.[0].split('.').length ?? 0
}

/** How many different versions some offers are. */
export function countVersions(offers: readonly Tagged[]): number {
  return new Set(
    offers.map(({ version: { core, stage, stageNumbers, revisionKinds, revisions } }) =>
      [
        core.join('.').replace(/(?:\.0)+$/, ''),
        stage,
        stageNumbers.join('.'),
        revisionKinds,
        revisions.join(' '),
      ].join('/'),
    ),
  ).size
}
