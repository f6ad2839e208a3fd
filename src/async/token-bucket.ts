/** A token bucket: a burst of requests at once, then a constant rate. */
export interface TokenBucket {
  /** Takes a token; call it only if `wait` is 0. */
  take(): void
  /** Milliseconds until there is a token; 0 if there is one. */
  wait(): number
}

/** How many requests a bucket lets pass, at once and then each second. */
export interface BucketLimits {
  readonly requestsPerSecond: number
  readonly burst: number
}

/**
 * Creates a full bucket; `elapsed` gives milliseconds that never go back. Not an interval of so many: a fixed window lets twice its
 * number pass around its edge, and its strict one sends all at the window's beginning, so that an urgent request waits for the next.
 */
export function createTokenBucket(
  { requestsPerSecond, burst }: BucketLimits,
  elapsed: () => number,
): TokenBucket {
  const millisecondsEach = 1000 / requestsPerSecond
  const most = Math.max(1, burst)
  let tokens = most
  let filledAt = elapsed()

  function fill(): void {
    const at = elapsed()
    tokens = Math.min(most, tokens + (at - filledAt) / millisecondsEach)
    filledAt = at
  }

  return {
    take() {
      fill()
      tokens--
    },
    wait() {
      fill()
      return tokens >= 1 ? 0 : (1 - tokens) * millisecondsEach
    },
  }
}
