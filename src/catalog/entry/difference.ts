import { tagAt, type TagList } from '../../version/index.ts'
import { hashesOf, placeOf } from './tag-hash.ts'

/** How a listing differs from what is held. */
export interface Difference {
  /** The places in the listing of tags that are not held. */
  readonly added: readonly number[]
  /** The ascending hashes of held tags that the listing should have, and has not. */
  readonly lacking: Float64Array
}

/** Which held tags a listing must have: all, those that begin with a text, or none (it only tells of additions). */
export type Scope = 'all' | 'none' | { readonly prefix: string }

const noDifference: Difference = { added: [], lacking: new Float64Array(0) }

/** How `listed` differs from `held`: by hashes, for a text of each tag would be work for the garbage collector. */
export async function differenceOf(
  { held, listed, scope }: { readonly held: TagList; readonly listed: TagList; readonly scope: Scope },
  breathe: () => Promise<void>,
): Promise<Difference> {
  if (sameTags(held, listed)) return noDifference
  const heldHashes = hashesOf(held)
  const inHeld = heldHashes.toSorted()
  await breathe()
  const listedHashes = hashesOf(listed)
  const inListing = listedHashes.toSorted()
  await breathe()
  const added: number[] = []
  for (const [place, hash] of listedHashes.entries()) if (placeOf(inHeld, hash) < 0) added.push(place)
  const lacking = heldHashes.filter((hash, place) => placeOf(inListing, hash) < 0 && isIn(scope, held, place))
  return { added, lacking: lacking.toSorted() }
}

/** The tags of a listing, and those held that it has not and that are not gone. */
export function united(
  held: TagList,
  listed: TagList,
  { added, gone, scope }: { added: readonly number[]; gone: Float64Array; scope: Scope },
): TagList {
  const heldHashes = hashesOf(held)
  const inListing = hashesOf(listed).toSorted()
  const isKept = (hash: number): boolean => placeOf(gone, hash) < 0
  if (scope === 'none')
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

/** The list without some tags. */
export function without(list: TagList, tags: { readonly size: number; has(tag: string): boolean }): TagList {
  if (tags.size === 0) return list
  const places = [...list.starts.keys()].slice(0, list.length)
  return joined([[list, places.filter(place => !tags.has(tagAt(list, place)))]])
}

function isIn(scope: Scope, list: TagList, place: number): boolean {
  if (scope === 'all') return true
  return scope !== 'none' && tagAt(list, place).startsWith(scope.prefix)
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
