/** What work on the newest item is made of. */
export interface LatestOptions<Item> {
  /**
   * The work itself, which looks now and then whether a newer item has come and then ends early. False: it is to be done
   * again, with the same item if there is no newer one.
   */
  readonly work: (item: Item, isSuperseded: () => boolean) => Promise<boolean>
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds between an attempt that failed and the next one. */
  readonly retryAfter: number
  /** Nothing begins once it is aborted. */
  readonly signal: AbortSignal
}

/** Work that only its newest item matters to: at most one item is worked on, and at most one waits. */
export interface Latest<Item> {
  /** Takes an item in place of the one that waits. Returns at once. */
  give(item: Item): void
  /** Whether nothing is worked on and nothing waits. */
  isIdle(): boolean
  /** Resolves when the work under way has ended; rejects with what it threw. */
  ended(): Promise<void>
}

/** Work that goes on beside whoever gives it items. */
export function createLatest<Item>({ work, pause, retryAfter, signal }: LatestOptions<Item>): Latest<Item> {
  let next: { readonly item: Item } | undefined
  let isRunning = false
  let running = Promise.resolve()
  let wake = new AbortController()
  const run = async (): Promise<void> => {
    for (let given = next; given !== undefined && !signal.aborted; given = next) {
      next = undefined
      // oxlint-disable eslint/no-await-in-loop -- one after the other
      const isDone = await work(given.item, () => next !== undefined)
      if (isDone || next !== undefined || signal.aborted) continue
      wake = new AbortController()
      await pause(retryAfter, AbortSignal.any([signal, wake.signal]))
      // oxlint-enable eslint/no-await-in-loop
      next ??= given
    }
  }
  const start = async (): Promise<void> => {
    try {
      await run()
    } finally {
      isRunning = false
    }
  }
  return {
    give(item) {
      next = { item }
      wake.abort()
      if (isRunning || signal.aborted) return
      isRunning = true
      running = start()
      // Whoever waits for the end is told; until then an error must not end the process.
      running.catch(() => {})
    },
    isIdle: () => !isRunning,
    ended: () => running,
  }
}
