import { createBoundedMap, createTokenBucket, type TokenBucket } from '../../async/index.ts'

/** The rates of clients. */
export interface RateLimits {
  /** After how many seconds the client may send its next request; 0 if it may now. */
  wait(client: string): number
  /** Counts a request; as `wait`. A request that has to wait is not counted. */
  take(client: string): number
}

interface RateLimitOptions {
  readonly requestsPerMinute: number
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}

// A few hundred bytes for each. The client that was quiet for longest is forgotten, and then has its whole rate again.
const mostClients = 10_000

/** Creates the limits, with no client known: each may send as many requests at once as it may send in a minute. */
export function createRateLimits({ requestsPerMinute, now }: RateLimitOptions): RateLimits {
  const buckets = createBoundedMap<TokenBucket>(mostClients)
  const limits = { requestsPerSecond: requestsPerMinute / 60, burst: requestsPerMinute }
  return {
    wait: client => {
      const bucket = buckets.get(client)
      return bucket === undefined ? 0 : waitOf(bucket)
    },
    take(client) {
      const bucket = buckets.get(client) ?? createTokenBucket(limits, now)
      buckets.set(client, bucket)
      const wait = waitOf(bucket)
      if (wait === 0) bucket.take()
      return wait
    },
  }
}

function waitOf(bucket: TokenBucket): number {
  return Math.ceil(bucket.wait() / 1000)
}
