import type { HostLimits } from '../settings/settings.ts'

/** A token bucket: a burst of requests at once, then a constant rate. */
export interface TokenBucket {
  /** Takes a token; call it only if `wait` is 0. */
  take(): void
  /** Milliseconds until there is a token; 0 if there is one. */
  wait(): number
}

type BucketLimits = Pick<HostLimits, 'requestsPerSecond' | 'burst'>

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

/** The pace of requests: whether one may be sent now. */
export interface Pace {
  mayGo(): boolean
  take(): void
}

/** Creates a pace that rests after the last token of a bucket until there is another; `onRested` is called then. */
export function createPace(limits: BucketLimits, elapsed: () => number, onRested: () => void): Pace {
  const bucket = createTokenBucket(limits, elapsed)
  let isResting = false

  function rest(): void {
    const wait = Math.ceil(bucket.wait())
    isResting = wait > 0
    // What waits has a deadline; without anything this must not keep the process from ending.
    if (isResting) setTimeout(goOn, wait).unref()
  }

  function goOn(): void {
    rest()
    if (!isResting) onRested()
  }

  return {
    mayGo: () => !isResting,
    take() {
      bucket.take()
      rest()
    },
  }
}
