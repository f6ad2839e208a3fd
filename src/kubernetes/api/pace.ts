/** How many may begin in a second, and where the time comes from. */
export interface PaceOptions {
  readonly perSecond: number
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** A wait until the next request may begin. */
export function createPace({ perSecond, now, sleep }: PaceOptions, signal: AbortSignal): () => Promise<void> {
  let next = 0
  return async () => {
    const wait = next - now()
    next = Math.max(next, now()) + 1000 / perSecond
    // A clock that was set back must not stop it.
    if (wait > 0) await sleep(Math.min(wait, 1000), signal)
  }
}
