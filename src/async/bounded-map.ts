import { LRUCache } from 'lru-cache'

/** A map that keeps a number of entries; the one used longest ago goes first. */
export type BoundedMap<V extends {}> = LRUCache<string, V>

/**
 * Creates an empty map for at most `max` entries. Counted by its `max`, lru-cache sets memory aside for all of them when it is
 * made; counted by size it grows with what it holds.
 */
export function createBoundedMap<V extends {}>(
  max: number,
  options: { readonly dispose?: (value: V) => void } = {},
): BoundedMap<V> {
  return new LRUCache<string, V>({ ...options, maxSize: max, sizeCalculation: () => 1 })
}

/** A map that forgets: each entry after its time, and the one used longest ago where there are too many. */
export interface ExpiringMap<V> {
  get(key: string): V | undefined
  /** Holds the value until then (epoch milliseconds); a time that has come forgets it at once. */
  set(key: string, value: V, until: number): void
  delete(key: string): void
  /** The values that have not expired, the one used last first. */
  values(): V[]
}

interface ExpiringMapOptions {
  readonly max: number
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * Creates an empty map. No timer runs: an entry that is too old is dropped when it is asked for. lru-cache's own `ttl` is
 * not used: it takes a start of 0 for none, and an entry for alive in the millisecond in which it ends.
 */
export function createExpiringMap<V>({ max, now }: ExpiringMapOptions): ExpiringMap<V> {
  const entries = createBoundedMap<{ readonly value: V; readonly until: number }>(max)

  function get(key: string): V | undefined {
    const entry = entries.get(key)
    if (entry === undefined || entry.until > now()) return entry?.value
    entries.delete(key)
    return undefined
  }

  return {
    get,
    set(key, value, until) {
      if (until > now()) entries.set(key, { value, until })
      else entries.delete(key)
    },
    delete: key => void entries.delete(key),
    values: () => [...entries.values()].filter(entry => entry.until > now()).map(entry => entry.value),
  }
}
