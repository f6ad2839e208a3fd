import { tagAt, type TagList } from '../../version/index.ts'
import { hashesOf, placeOf } from './tag-hash.ts'

/** The difference between a listing and the tags that are held. */
export interface Difference {
  /** The places in the listing of tags that are not held. */
  readonly added: readonly number[]
  /** The ascending hashes of held tags that the listing should have, and has not. */
  readonly lacking: Float64Array
}

/** Which of the held tags a listing covers: all, those with a prefix, or none (it has only additions). */
export type Extent = 'all' | 'none' | { readonly prefix: string }

const noDifference: Difference = { added: [], lacking: new Float64Array(0) }

/** Compares two lists by the hashes of their tags, since a string for each tag would be work for the garbage collector. */
export async function differenceOf(
  { held, listed, extent }: { readonly held: TagList; readonly listed: TagList; readonly extent: Extent },
  nextTurn: () => Promise<void>,
): Promise<Difference> {
  if (sameTags(held, listed)) return noDifference
  const heldHashes = hashesOf(held)
  const inHeld = heldHashes.toSorted()
  await nextTurn()
  const listedHashes = hashesOf(listed)
  const inListing = listedHashes.toSorted()
  await nextTurn()
  const added: number[] = []
  for (const [place, hash] of listedHashes.entries()) if (placeOf(inHeld, hash) < 0) added.push(place)
  const lacking = heldHashes.filter(
    (hash, place) => placeOf(inListing, hash) < 0 && isIn(extent, held, place),
  )
  return { added, lacking: lacking.toSorted() }
}

/** The union of a listing and of the held tags that it lacks and that are not gone. */
export function united(
  held: TagList,
  listed: TagList,
  { added, gone, extent }: { added: readonly number[]; gone: Float64Array; extent: Extent },
): TagList {
  const heldHashes = hashesOf(held)
  const inListing = hashesOf(listed).toSorted()
  const isKept = (hash: number): boolean => placeOf(gone, hash) < 0
  if (extent === 'none')
    return joined([
      [held, [...held.starts.keys()].slice(0, held.length)],
      [listed, added],
    ])
  const kept: number[] = []
  for (const [place, hash] of heldHashes.entries())
    if (placeOf(inListing, hash) < 0 && isKept(hash)) kept.push(place)
  if (kept.length === 0) return listed
  return joined([
    [listed, [...listed.starts.keys()].slice(0, listed.length)],
    [held, kept],
  ])
}

/** The list without the given tags. */
export function without(list: TagList, tags: { readonly size: number; has(tag: string): boolean }): TagList {
  if (tags.size === 0) return list
  const places = [...list.starts.keys()].slice(0, list.length)
  return joined([[list, places.filter(place => !tags.has(tagAt(list, place)))]])
}

function isIn(extent: Extent, list: TagList, place: number): boolean {
  if (extent === 'all') return true
  return extent !== 'none' && tagAt(list, place).startsWith(extent.prefix)
}

function sameTags(one: TagList, other: TagList): boolean {
  if (one.length !== other.length || one.bytes.length !== other.bytes.length) return false
  return (
    Buffer.compare(one.bytes, other.bytes) === 0 &&
    one.starts.every((start, at) => start === other.starts[at])
  )
}

function joined(parts: readonly (readonly [TagList, readonly number[]])[]): TagList {
  let length = 0
  let size = 0
  for (const [{ starts }, places] of parts) {
    length += places.length
    for (const place of places) size += (starts[place + 1] ?? 0) - (starts[place] ?? 0)
  }
  const bytes = new Uint8Array(size)
  const starts = new Uint32Array(length + 1)
  let at = 0
  let end = 0
  for (const [list, places] of parts) {
    for (const place of places) {
      const tag = list.bytes.subarray(list.starts[place], list.starts[place + 1])
      bytes.set(tag, end)
      end += tag.length
      at++
      starts[at] = end
    }
  }
  return { length, bytes, starts }
}
