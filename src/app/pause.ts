import { setTimeout as sleep } from 'node:timers/promises'

// A timer counts another clock than the wall's: over a night they part by seconds, and a machine that slept by hours.
const longestTimer = 60_000

/** Resolves after so many milliseconds by the wall clock, never before, or when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + milliseconds
  try {
    for (let left = milliseconds; left > 0; left = end - Date.now())
      // oxlint-disable-next-line eslint/no-await-in-loop -- a look at the clock in between
      await sleep(Math.min(left, longestTimer), undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
