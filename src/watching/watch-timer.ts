/** Schedules work and returns what cancels it. */
export type Later = (milliseconds: number, work: () => void) => () => void

/** When one repository is looked at. */
export interface WatchTimer {
  /** Has it looked at for the first time, some seconds from now. */
  start(): void
  /** Has it looked at now, or as soon as a minute has passed since the last look began. */
  hurry(): void
  close(): void
}

interface WatchTimerOptions {
  readonly intervalMilliseconds: number
  readonly now: () => number
  readonly random: () => number
  readonly later: Later
  /** Whether it is looked at again after the interval. */
  readonly repeats: boolean
}

// What a registry or an attacker with its secret says may cost it one look-up in so many milliseconds, and no more.
const leastBetween = 60_000
// After a start not all at once.
const firstWithin = 10_000

/** Creates a timer that is not started; `look` never rejects. */
export function createWatchTimer(look: () => Promise<void>, options: WatchTimerOptions): WatchTimer {
  const { intervalMilliseconds, now, random, later, repeats } = options
  let begunAt = Number.NEGATIVE_INFINITY
  let dueAt = Number.POSITIVE_INFINITY
  let isClosed = false
  let cancel: (() => void) | undefined

  function plan(milliseconds: number): void {
    const at = now() + milliseconds
    if (isClosed || at >= dueAt) return
    cancel?.()
    dueAt = at
    cancel = later(milliseconds, begin)
  }

  function begin(): void {
    dueAt = Number.POSITIVE_INFINITY
    begunAt = now()
    void look().finally(() => {
      // A tenth is random: several instances, and the repositories of one, do not ask together.
      if (repeats) plan(intervalMilliseconds * (0.9 + 0.2 * random()))
    })
  }

  return {
    start: () => plan(firstWithin * random()),
    hurry: () => plan(Math.max(0, begunAt + leastBetween - now())),
    close() {
      isClosed = true
      cancel?.()
    },
  }
}
