/** A mutex for each key: work on one key runs one after the other, in the order in which it was asked for. */
export interface KeyedMutex {
  /** Runs the work once all earlier work of the key has ended, however that ended. */
  runExclusive<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** Creates a mutex per key; a key without work takes no room. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>()
  return {
    async runExclusive(key, work) {
      const before = last.get(key)
      const outcome = before === undefined ? work() : before.then(work, work)
      last.set(key, outcome)
      try {
        return await outcome
      } finally {
        if (last.get(key) === outcome) last.delete(key)
      }
    },
  }
}
