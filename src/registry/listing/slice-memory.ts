import { createExpiringMap } from '../../async/index.ts'
import type { Registry } from '../settings/registry.ts'

/** A slice of a repository. */
export interface SlicePlace {
  readonly registry: Registry
  readonly repository: string
  readonly slice: string
}

/** What was learnt of slices: which registries do not honour `last`, and from where on slices are asked for. */
export interface SliceMemory {
  refuses(registry: Registry): boolean
  refuse(registry: Registry): void
  /** `after` is a tag shortly before the slice, undefined where asking for it is in vain; undefined where nothing is known. */
  known(place: SlicePlace): { readonly after: string | undefined } | undefined
  keep(place: SlicePlace, after: string | undefined): void
}

// A registry is upgraded now and then, and a repository gets tags before the slice. The question costs a request or three.
const keptFor = 6 * 3_600_000
// A few hundred bytes for each; a cluster of 5,000 repositories runs one line or two of each.
const mostPlaces = 10_000

/** A memory that is empty; `now` in epoch milliseconds. */
export function createSliceMemory(now: () => number): SliceMemory {
  const refusing = createExpiringMap<true>({ max: mostPlaces, now })
  const places = createExpiringMap<{ readonly after: string | undefined }>({ max: mostPlaces, now })
  return {
    refuses: ({ name }) => refusing.get(name) === true,
    refuse: ({ name }) => refusing.set(name, true, now() + keptFor),
    known: place => places.get(keyOf(place)),
    keep: (place, after) => places.set(keyOf(place), { after }, now() + keptFor),
  }
}

function keyOf({ registry, repository, slice }: SlicePlace): string {
  return `${registry.name} ${repository} ${slice}`
}
