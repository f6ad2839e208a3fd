/** Work on one key at a time: what reads an entry, waits and writes it must not cross with another that does. */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** Nobody is at work yet. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    async take(key, work) {
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
