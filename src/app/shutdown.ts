/** What was started and has to be ended, last first. */
export interface Closing {
  defer(end: () => unknown): void
  /** Ends everything, also what comes after something that fails; then throws the first failure. */
  close(): Promise<void>
}

/** Nothing started yet. */
export function createClosing(): Closing {
  const ends: (() => unknown)[] = []
  return {
    defer: end => void ends.push(end),
    async close() {
      const failures: Error[] = []
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
        try {
          await end()
        } catch (error) {
          failures.push(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const [first] = failures
      if (first !== undefined) throw first
    },
  }
}
