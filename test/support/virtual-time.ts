import { mock } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'

import type { Test } from 'tap'

/** Time that stands still until it is told to go on: that of `Date` and of every timer of this process. */
export interface VirtualTime {
  now(): number
  /** Goes on by so many milliseconds, 5 at a time, with everything done in between that is due. */
  advance(milliseconds: number): Promise<void>
  /** Sets the clock, and fires nothing that is due until then. */
  setClock(now: number): void
}

const step = 5

/** Stops time at an instant until the test ends; sockets do not work meanwhile. */
export function virtualTime(t: Test, start: number): VirtualTime {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: start })
  t.teardown(() => mock.timers.reset())
  return {
    now: () => Date.now(),
    async advance(milliseconds) {
      for (let done = 0; done < milliseconds; done += step) {
        await settled()
        mock.timers.tick(Math.min(step, milliseconds - done))
      }
      await settled()
    },
    setClock: now => mock.timers.setTime(now),
  }
}

/** Stops only the clock: timers and sockets go on. */
export function virtualClock(t: Test, start: number): { setClock(now: number): void } {
  mock.timers.enable({ apis: ['Date'], now: start })
  t.teardown(() => mock.timers.reset())
  return { setClock: now => mock.timers.setTime(now) }
}
