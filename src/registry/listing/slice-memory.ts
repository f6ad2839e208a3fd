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

interface Kept {
  readonly after: string | undefined
  readonly until: number
}

/** A memory that is empty; `now` in epoch milliseconds. */
export function createSliceMemory(now: () => number): SliceMemory {
  const until = new Map<string, number>()
  const places = new Map<string, Kept>()
  return {
    refuses: ({ name }) => (until.get(name) ?? 0) > now(),
    refuse({ name }) {
      until.set(name, now() + keptFor)
    },
    known(place) {
      const kept = places.get(keyOf(place))
      return kept !== undefined && kept.until > now() ? kept : undefined
    },
    keep(place, after) {
      const key = keyOf(place)
      places.delete(key)
      places.set(key, { after, until: now() + keptFor })
      const [oldest] = places.keys()
      if (places.size > mostPlaces && oldest !== undefined) places.delete(oldest)
    },
  }
}

function keyOf({ registry, repository, slice }: SlicePlace): string {
  return `${registry.name} ${repository} ${slice}`
}
