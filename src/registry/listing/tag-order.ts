import { tagAt, type TagList } from '../../version/index.ts'

/** Whether the tags from an index on are in ascending byte order, without duplicates; the tag before it is compared too. */
export function isAscending(list: TagList, from: number): boolean {
  for (let place = Math.max(from, 1); place < list.length; place++)
    if (!isLess(list, place - 1, place)) return false
  return true
}

/** The last tag of a list. */
export function lastTag(list: TagList): string | undefined {
  return list.length === 0 ? undefined : tagAt(list, list.length - 1)
}

/** Whether a tag sorts after every tag of the slice. */
export function isBeyond(tag: string, slice: string): boolean {
  return tag > slice && !tag.startsWith(slice)
}

/** The range of a slice in an ascending list: the index of its first tag, and the index after its last one. */
export function placesOf(list: TagList, slice: string): { readonly first: number; readonly end: number } {
  return {
    first: firstWhere(list, tag => tag >= slice),
    end: firstWhere(list, tag => isBeyond(tag, slice)),
  }
}

function firstWhere(list: TagList, holds: (tag: string) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(tagAt(list, middle))) high = middle
    else low = middle + 1
  }
  return low
}

function isLess({ bytes, starts }: TagList, one: number, other: number): boolean {
  const x = at(starts, one)
  const y = at(starts, other)
  const shorter = Math.min(at(starts, one + 1) - x, at(starts, other + 1) - y)
  let same = 0
  while (same < shorter && bytes[x + same] === bytes[y + same]) same++
  if (same < shorter) return at(bytes, x + same) < at(bytes, y + same)
  return shorter < at(starts, other + 1) - y
}

function at(numbers: Uint8Array | Uint32Array, place: number): number {
  return numbers[place] ?? 0
}
