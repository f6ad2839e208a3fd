import { setTimeout as sleep } from 'node:timers/promises'

/** What a loop sleeps by, until something happened. */
export interface Wake {
  /** Something happened: the sleep ends, or the next one does at once. */
  readonly ring: () => void
  /** Resolves after so many milliseconds, when it is rung, or when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds: events come in groups, and each round of the loop costs requests. */
const together = 50

/** Creates a wake that nothing has rung. */
export function createWake(): Wake {
  let rung = Promise.withResolvers<void>()
  return {
    ring: () => rung.resolve(),
    async sleep(milliseconds, signal) {
      const over = new AbortController()
      const either = AbortSignal.any([signal, over.signal])
      await Promise.race([rung.promise, rest(Math.max(milliseconds, together), either)])
      over.abort()
      await rest(together, signal)
      rung = Promise.withResolvers()
    },
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Ended early is ended.
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
