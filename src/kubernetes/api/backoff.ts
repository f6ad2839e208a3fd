/** How long to wait after a failure, in milliseconds. */
export interface Backoff {
  readonly first: number
  readonly most: number
}

/**
 * The wait after `failures` in a row, at least 1: doubled each time up to `most`, of which the second half is random,
 * so that replicas which lost the same server do not come back together. `random` is in [0, 1).
 */
export function backoffDelay(failures: number, { first, most }: Backoff, random = Math.random()): number {
  const full = Math.min(most, first * 2 ** Math.max(0, failures - 1))
  return full / 2 + (full / 2) * random
}
