/** A signal that is aborted with another one, or after so many milliseconds (`TimeoutError`). */
export function withTimeout(signal: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
}

/** How long to wait after a failure, in milliseconds. */
export interface Backoff {
  readonly first: number
  readonly most: number
}

/**
 * The delay before the next attempt after `failures` in a row, at least 1: doubled each time up to `most`, of which the
 * second half is random, so that replicas which lost the same server do not come back together. `random` is in [0, 1).
 */
export function backoffDelay(failures: number, { first, most }: Backoff, random = Math.random()): number {
  const full = Math.min(most, first * 2 ** Math.max(0, failures - 1))
  return full / 2 + (full / 2) * random
}

/** How many requests may begin in a second, and where the time comes from. */
export interface RateLimit {
  readonly perSecond: number
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Creates a rate limiter: a function that waits until the next request may begin. */
export function createRateLimiter(
  { perSecond, now, sleep }: RateLimit,
  signal: AbortSignal,
): () => Promise<void> {
  let next = 0
  return async () => {
    const wait = next - now()
    next = Math.max(next, now()) + 1000 / perSecond
    // A clock that was set back must not stop it.
    if (wait > 0) await sleep(Math.min(wait, 1000), signal)
  }
}
