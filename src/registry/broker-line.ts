import PQueue from 'p-queue'

import type { RegistryFault } from './fault.ts'
import type { HostLimits } from './settings.ts'
import { createTokenBucket } from './token-bucket.ts'

/** What decides about a turn. */
export interface Turn {
  /** The higher goes first; of equals who came first. */
  readonly priority: number
  /** Why there is no use in waiting for it any longer. */
  readonly refusal: () => RegistryFault | undefined
  readonly signal: AbortSignal
}

/** Who waits for a host: so many go a second, and so many are there at a time. */
export interface Line {
  /**
   * Waits for a turn and does the work.
   * @throws RegistryFault where the turn was refused; the signal's reason where it was aborted, at once.
   */
  wait<T>(turn: Turn, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Sends away who waits in vain. */
  recheck(): void
  /** Lets only one at a time through, or again as many as the limits say. */
  narrow(narrow: boolean): void
  /** How many wait. */
  size(): number
}

/** An empty line; `elapsed` gives milliseconds that never go back. */
export function createLine(limits: HostLimits, elapsed: () => number): Line {
  const queue = new PQueue({ concurrency: limits.concurrency })
  const waiting = new Map<AbortController, Turn>()
  const pace = createPace(queue, limits, elapsed)
  return {
    size: () => queue.size,
    narrow(narrow) {
      queue.concurrency = narrow ? 1 : limits.concurrency
    },
    recheck() {
      for (const [controller, { refusal }] of waiting) {
        const refused = refusal()
        if (refused !== undefined) controller.abort(refused)
      }
    },
    async wait(turn, work) {
      turn.signal.throwIfAborted()
      const controller = new AbortController()
      const leave = (): void => controller.abort(turn.signal.reason)
      const go = (): ReturnType<typeof work> => {
        waiting.delete(controller)
        const refused = turn.refusal()
        if (refused !== undefined) throw refused
        pace()
        return work(controller.signal)
      }
      turn.signal.addEventListener('abort', leave, { once: true })
      waiting.set(controller, turn)
      try {
        return await queue.add(go, { priority: turn.priority, signal: controller.signal })
      } finally {
        waiting.delete(controller)
        turn.signal.removeEventListener('abort', leave)
      }
    },
  }
}

// Takes a token; where it was the last, nobody goes until there is another.
function createPace(queue: PQueue, limits: HostLimits, elapsed: () => number): () => void {
  const bucket = createTokenBucket(limits, elapsed)
  function rest(): void {
    const wait = Math.ceil(bucket.wait())
    if (wait === 0) return void queue.start()
    queue.pause()
    // Who waits has a deadline; without anybody this must not keep the process from ending.
    setTimeout(rest, wait).unref()
  }
  return () => {
    bucket.take()
    rest()
  }
}
