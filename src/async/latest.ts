/** The options of work on the newest item. */
export interface LatestOptions<Item> {
  /**
   * The work, which may check whether a newer item has come and end early. False: repeat it, with the same item if there is no
   * newer one. If it throws, the item is dropped; one that waits is still worked on.
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
  /** Replaces the waiting item. Returns at once. */
  give(item: Item): void
  /** Whether nothing is worked on and nothing waits. */
  isIdle(): boolean
  /** Resolves when the work under way and what waits for it have ended; rejects with the first that was thrown. */
  ended(): Promise<void>
}

/** Creates work that runs in the background. */
export function createLatest<Item>({ work, pause, retryAfter, signal }: LatestOptions<Item>): Latest<Item> {
  let next: { readonly item: Item } | undefined
  let isRunning = false
  let running = Promise.resolve()
  let wake = new AbortController()
  const workOn = async (given: { readonly item: Item }): Promise<void> => {
    const isDone = await work(given.item, () => next !== undefined)
    if (isDone || next !== undefined || signal.aborted) return
    wake = new AbortController()
    await pause(retryAfter, AbortSignal.any([signal, wake.signal]))
    next ??= given
  }
  const run = async (): Promise<void> => {
    const failures = createFailures()
    try {
      for (let given = next; given !== undefined && !signal.aborted; given = next) {
        next = undefined
        const current = given
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
        await failures.caught(() => workOn(current))
      }
      failures.throwFirst()
    } finally {
      // Nothing is awaited since the loop saw that nothing waits: an item that is given now begins anew.
      isRunning = false
    }
  }
  return {
    give(item) {
      next = { item }
      wake.abort()
      if (isRunning || signal.aborted) return
      isRunning = true
      running = run()
      // `ended` rejects with it; until then an error must not end the process.
      running.catch(() => {})
    },
    isIdle: () => !isRunning,
    ended: () => running,
  }
}

/** The failures of works that are not to end the works after them. */
function createFailures() {
  const thrown: unknown[] = []
  return {
    async caught(work: () => Promise<void>): Promise<void> {
      try {
        await work()
      } catch (error) {
        thrown.push(error)
      }
    },
    throwFirst(): void {
      if (thrown.length > 0) throw thrown[0]
    },
  }
}
