import { wordsFor, type BitSet } from './bits.ts'
import type { Numeral } from './numeral.ts'
import type { OfferedBits } from './offered-sets.ts'
import { inOneBuffer, type OneBuffer } from './one-buffer.ts'
import type { Placed } from './place-entries.ts'
import type { RankedShapes } from './rank-shapes.ts'
import { release } from './release.ts'
import type { Offered, OfferedGroups, TagIndex } from './tag-index.ts'
import type { TagReading } from './tag-reading.ts'
import type { Texts } from './texts.ts'

/** The parts of an index as they were built, each in memory of its own. */
export interface Built {
  readonly size: number
  readonly placed: Placed
  readonly wide: readonly Numeral[]
  readonly shapes: RankedShapes
  readonly offered: OfferedBits
  readonly firsts: OfferedBits
  readonly byFamily: WiderGroups
  /** The same as `byFamily` where they do not differ. */
  readonly byBase: WiderGroups
  readonly texts: Texts
}

/** Groups of several shapes; undefined where each has one shape. */
export interface WiderGroups {
  readonly groups: { readonly entries: Uint32Array; readonly starts: Uint32Array } | undefined
  readonly offered: OfferedBits
}

// What an index takes beside its arrays: the objects that describe them (`npm run bench:memory`).
const fixedBytes = 4_000
const bytesOfWide = 40 // a big integer with its place in the list

/** The index of these parts, its arrays in one piece of memory; the parts themselves are gone afterwards. */
export function packIndex(built: Built): Omit<TagIndex, keyof TagReading> {
  const { size, placed, wide, shapes } = built
  const bits = joinBits(built)
  const packed = pack(built, bits.words)
  const offered = offeredIn(bits, packed.words(bits.words))
  const byShape = { entries: undefined, starts: packed.numbers(placed.starts), ...offered(built.offered) }
  const wider = ({ groups, offered: sets }: WiderGroups): OfferedGroups => ({
    entries: groups === undefined ? undefined : packed.numbers(groups.entries),
    starts: groups === undefined ? byShape.starts : packed.numbers(groups.starts),
    ...offered(sets),
  })
  const byFamily = wider(built.byFamily)
  const byBase = built.byBase === built.byFamily ? byFamily : wider(built.byBase)
  const packedTexts = textsIn(packed, built.texts)
  const index = {
    size,
    bytes: packed.size + wide.length * bytesOfWide + fixedBytes,
    versions: { ...placed.versions, words: packed.words(placed.versions.words) },
    wide,
    texts: packedTexts,
    shapes: {
      count: shapes.all.length,
      texts: packedTexts,
      from: size,
      families: packed.numbers(shapes.families.parts),
      byFamily: packed.numbers(shapes.families.byKey),
      bases: packed.numbers(shapes.bases.parts),
      byBase: packed.numbers(shapes.bases.byKey),
    },
    byShape,
    firsts: offered(built.firsts),
    byFamily,
    byBase,
  }
  releaseBuilt(built, bits.words)
  return index
}

function textsIn(packed: OneBuffer, { bytes, lengths, starts }: Texts): Texts {
  return { bytes: packed.bytes(bytes), lengths: packed.bytes(lengths), starts: packed.words(starts) }
}

function releaseBuilt(
  { placed, shapes, offered, firsts, byFamily, byBase, texts }: Built,
  bits: Uint32Array,
): void {
  const { versions, starts, groups, builds, sources, repeats } = placed
  release(
    versions.words,
    starts,
    groups,
    builds,
    sources,
    repeats,
    texts.bytes,
    texts.lengths,
    texts.starts,
    bits,
  )
  for (const { parts, byKey } of [shapes.families, shapes.bases]) release(parts, byKey)
  for (const sets of [offered, firsts, byFamily.offered, byBase.offered])
    release(sets.toReleases, sets.toPreReleases)
  for (const wider of [byFamily.groups, byBase.groups]) release(wider?.starts, wider?.entries)
}

function pack({ placed, shapes, byFamily, byBase, texts }: Built, bits: Uint32Array): OneBuffer {
  const { families, bases } = shapes
  const wider = [...new Set([byFamily.groups, byBase.groups])]
  return inOneBuffer({
    words: [placed.versions.words, texts.starts, bits],
    numbers: [
      placed.starts,
      ...[families, bases].flatMap(({ parts, byKey }) => [parts, byKey]),
      ...wider.flatMap(groups => (groups === undefined ? [] : [groups.starts, groups.entries])),
    ],
    largest: placed.versions.length,
    bytes: [texts.bytes, texts.lengths],
  })
}

interface JoinedBits {
  readonly words: Uint32Array
  /** Where each set begins in the words. */
  readonly starts: ReadonlyMap<Uint32Array, number>
}

// All sets in one array: an object for each array is more than the set of a small repository.
function joinBits({ placed, offered, firsts, byFamily, byBase }: Built): JoinedBits {
  const each = wordsFor(placed.versions.length)
  const all = [offered, firsts, byFamily.offered, byBase.offered]
  const sets = [...new Set(all.flatMap(({ toReleases, toPreReleases }) => [toReleases, toPreReleases]))]
  const words = new Uint32Array(each * sets.length)
  for (const [at, set] of sets.entries()) words.set(set, at * each)
  return { words, starts: new Map(sets.map((set, at) => [set, at * each])) }
}

function offeredIn({ starts }: JoinedBits, words: Uint32Array): (bits: OfferedBits) => Offered {
  const setOf = (bits: Uint32Array): BitSet => ({ words, from: starts.get(bits) ?? 0 })
  return ({ toReleases, toPreReleases }) => ({
    toReleases: setOf(toReleases),
    toPreReleases: setOf(toPreReleases),
  })
}
