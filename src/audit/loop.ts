/** When cycles begin. */
export interface Schedule {
  /** When the first one after an instant begins; both in epoch milliseconds. */
  next(after: number): number
}

/** What one cycle does, and what is left to do between two. */
export interface Cycle {
  /** Looks at what runs and publishes it; what was found is told and kept beside the next cycles. False where it failed. */
  run(signal: AbortSignal): Promise<boolean>
  /** Whether a message waits, or one that is being sent may come to. */
  hasUndelivered(): boolean
  /** Tries what waits again; a channel that asked to be left alone is. */
  deliver(): Promise<void>
  /** Resolves when nothing is written any more; to be awaited once the loop is over. */
  ended(): Promise<void>
}

/** What the loop is made of. */
export interface LoopParts {
  /** What runs, from the watches of this term. */
  readonly inventory: { start(): Promise<unknown>; close(): unknown }
  readonly cycle: Cycle
  readonly schedule: Schedule
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

// A cycle that failed is tried again soon, and not so soon that it adds to the trouble.
const afterFailure = 60_000
// Undelivered messages do not wait for the next cycle, which may be that of the next working day. How long each channel wants to
// be left alone is in the state: an attempt before that sends nothing.
const firstDelivery = 30_000
const longestBetweenDeliveries = 1_800_000

/**
 * Audits until the signal aborts: at once, then by the schedule; after a failure within a minute. Between two cycles it
 * delivers what channels could not take.
 */
export async function auditLoop(parts: LoopParts, signal: AbortSignal): Promise<void> {
  const { inventory, cycle, schedule, now } = parts
  try {
    await inventory.start()
    while (!signal.aborted) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one cycle after the other
      const succeeded = await cycle.run(signal)
      const next = schedule.next(now())
      // oxlint-disable-next-line eslint/no-await-in-loop
      await waitUntil(succeeded ? next : Math.min(next, now() + afterFailure), parts, signal)
    }
  } finally {
    await inventory.close()
    await cycle.ended()
  }
}

async function waitUntil(end: number, { cycle, now, pause }: LoopParts, signal: AbortSignal): Promise<void> {
  let wait = firstDelivery
  while (!signal.aborted && now() < end) {
    // oxlint-disable eslint/no-await-in-loop -- one attempt after the other
    const until = cycle.hasUndelivered() ? Math.min(end, now() + wait) : end
    await pause(until - now(), signal)
    if (!signal.aborted && until < end) await cycle.deliver()
    // oxlint-enable eslint/no-await-in-loop
    wait = Math.min(2 * wait, longestBetweenDeliveries)
  }
}
