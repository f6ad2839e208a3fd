import type { Registry } from './registry.ts'

/** Which registries do not honour `last`. */
export interface SliceMemory {
  refuses(registry: Registry): boolean
  refuse(registry: Registry): void
}

// A registry is upgraded now and then. The question costs one request for each repository that is asked for meanwhile.
const keptFor = 6 * 3_600_000

/** A memory that is empty; `now` in epoch milliseconds. It holds as many as there are registries. */
export function createSliceMemory(now: () => number): SliceMemory {
  const until = new Map<string, number>()
  return {
    refuses: ({ name }) => (until.get(name) ?? 0) > now(),
    refuse({ name }) {
      until.set(name, now() + keptFor)
    },
  }
}
