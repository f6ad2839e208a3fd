import { compareNumbers } from '../tag/numeral.ts'
import { createSchemeTest, isOfOtherKind, isWithin } from './scope.ts'
import type { Asker, Survey, Tagged } from './survey.ts'
import {
  compareReleases,
  compareRevisions,
  isPreRelease,
  keyOf,
  lengthOf,
  type Version,
} from '../reading/version.ts'

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
  const isOfScheme = createSchemeTest(own, around.comparable, tags.grammar)
  const isCounted = own.revisionKinds === '' ? rebuildTest(own, around) : () => true
  const goesOn = createSpellingTest(asked, isOfScheme)
  return around.comparable.filter(
    ({ version }) =>
      lengthOf(version) >= lengthOf(own) &&
      isWithin(version, own, depth) &&
      isMeantFor(version, own) &&
      (isFloating || isNewer(version, own)) &&
      isOfScheme(version) &&
      isCounted(version) &&
      goesOn(version) &&
      !around.floats(version),
  )
}

// Whether a tag is plain, or a rebuild of a plain one, and no choice or nightly build: some version is there with and
// without what counts it. A tag of fewer numbers is plain itself where it floats.
function rebuildTest(own: Version, { comparable }: Survey): (version: Version) => boolean {
  const counted = comparable.filter(({ version }) => version.revisionKinds !== '')
  if (counted.length === 0) return () => true
  const plain = plainCores(comparable)
  const kinds = counted.filter(({ version }) => lengthOf(own) < 3 || plain.has(version.core.join('.')))
  const known = new Set(['', ...kinds.map(({ version }) => version.revisionKinds)])
  return ({ revisionKinds }) => known.has(revisionKinds)
}

function plainCores(tagged: readonly Tagged[]): ReadonlySet<string> {
  return new Set(
    tagged.flatMap(({ version }) => (version.revisionKinds === '' ? [version.core.join('.')] : [])),
  )
}

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
function createSpellingTest(
  { version: own, tags, around }: Asked,
  isOfScheme: (version: Version) => boolean,
): (version: Version) => boolean {
  const { spellings, inParallel } = tags.grammar
  const newest = spellings.get(own.prefix)?.findLast(core => !isOfOtherKind(core, own.core))
  const isSettled = newest === undefined || inParallel.has(own.base)
  const last = newestRelease(
    around.comparable.filter(({ version }) => version.prefix === own.prefix && isOfScheme(version)),
  )
  return other => {
    if (other.prefix === own.prefix) return true
    if (isSettled || withoutV(own.prefix) !== withoutV(other.prefix)) return false
    return (
      compareNumbers(newest, other.core) <= 0 &&
      (last === undefined || compareReleases(last.version, other) < 0)
    )
  }
}

function newestRelease(tagged: readonly Tagged[]): Tagged | undefined {
  let [newest] = tagged
  for (const one of tagged)
    if (newest === undefined || compareReleases(one.version, newest.version) > 0) newest = one
  return newest
}

function withoutV(prefix: string): string {
  return prefix.replace(/(?<![A-Za-z])v$/, '')
}

/** The oldest of some offers, spelled most like the asker; undefined for none. */
export function oldestOf(offers: readonly Tagged[], asked: Asked): Tagged | undefined {
  let oldest: Tagged | undefined
  for (const offer of offers) if (oldest === undefined || comesBefore(offer, oldest, asked)) oldest = offer
  return oldest
}

// What counts the same as the asker does is compared with it; of one release all else comes behind that.
function comesBefore(a: Tagged, b: Tagged, asked: Asked): boolean {
  const isOther = ({ version }: Tagged): number =>
    version.revisionKinds === asked.version.revisionKinds ? 0 : 1
  const order =
    compareReleases(a.version, b.version) ||
    isOther(a) - isOther(b) ||
    compareRevisions(a.version, b.version) ||
    compareSpellings(a, b, asked)
  return order === 0 ? a.tag < b.tag : order < 0
}

/** The newest of some offers, spelled most like the asker; undefined for none. */
export function newestOf(offers: readonly Tagged[], asked: Asked): Tagged | undefined {
  const top = newestRelease(offers)
  if (top === undefined) return undefined
  const same = offers.filter(({ version }) => compareReleases(version, top.version) === 0)
  return newestFirst(same, asked)[0]
}

/** The offers from the newest on; of one version first the tag that is spelled most like the asker. */
export function newestFirst(offers: readonly Tagged[], asked: Asked): readonly Tagged[] {
  const rank = rankBy(asked)
  return offers.toSorted(
    (a, b) =>
      compareReleases(b.version, a.version) ||
      rank(b.version) - rank(a.version) ||
      compareRevisions(b.version, a.version) ||
      compareSpellings(a, b, asked) ||
      (a.tag < b.tag ? -1 : 1),
  )
}

// Of one release: what counts the same as the asker does. To who counts nothing a rare rebuild (`6.0.428-1`) is newer than
// what it rebuilds, but a counter that every release has is another way to write it.
function rankBy({ version: own, around }: Asked): (version: Version) => number {
  const isRare = own.revisionKinds === '' && isRareRebuild(around)
  return ({ revisionKinds }) => {
    if (isRare && isBareCount(revisionKinds)) return 3
    if (revisionKinds === own.revisionKinds) return 2
    return revisionKinds === '' ? 0 : 1
  }
}

function isBareCount(kinds: string): boolean {
  return kinds === '-#' || kinds === '_#'
}

function isRareRebuild({ comparable }: Survey): boolean {
  const releases = comparable.filter(({ version }) => !isPreRelease(version))
  const counted = releases.filter(({ version }) => {
    const [count = 0] = version.revisions[0] ?? []
    return isBareCount(version.revisionKinds) && count < longestCount
  })
  const rebuilt = new Set(counted.map(({ version }) => version.core.join('.')))
  return rebuilt.size > 0 && rebuilt.size * 2 <= plainCores(releases).size
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
  return new Set(offers.map(({ version }) => keyOf(version))).size
}
