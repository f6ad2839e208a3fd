import { createCounts } from '../async/index.ts'

/** What requests under way may take together. */
export interface IntakeLimits {
  /** How many, from their first byte to their answer. */
  readonly requests: number
  /** Bytes of their bodies, beyond the first {@link freeBytes} of each. */
  readonly bytes: number
  /** A body that has been arriving for longer gives way to the bytes of others, in milliseconds; for a place the oldest does at once. */
  readonly patience: number
}

/** One request under way. */
export interface IntakePlace {
  /** Takes room for a body of so many bytes in all; false where there is none. */
  take(bytes: number): boolean
  /** The body is there: the request does not give way any more. */
  received(): void
  /** The bytes of the body are not held any more. */
  release(): void
  /** The request is answered. */
  leave(): void
}

/**
 * Counts requests under way and the bytes of their bodies. Where there is no room, the body that has been arriving for
 * longest gives way: an API server sends its bodies within a moment, and what holds room by being slow must not keep it out.
 */
export interface Intake {
  /** A place, or undefined where all are taken by requests that are being answered; `onEvicted` ends what gives way. */
  enter(onEvicted: () => void): IntakePlace | undefined
  /** Requests under way. */
  size(): number
}

/** What every body may have without being counted: nearly all reviews are smaller, and a flood of large ones keeps none out. */
export const freeBytes = 64 * 1024

/** An intake of nothing; `now` in milliseconds that never go back. */
export function createIntake(limits: IntakeLimits, now: () => number): Intake {
  const receiving = new Set<Receiving>() // in the order of their arrival
  const room = createRoom(limits, receiving, now)
  let requests = 0
  return {
    size: () => requests,
    enter(onEvicted) {
      const [oldest] = receiving
      if (requests >= limits.requests) {
        if (oldest === undefined) return undefined
        receiving.delete(oldest)
        oldest.onEvicted()
      }
      requests++
      const own: Receiving = { onEvicted, since: now() }
      receiving.add(own)
      return {
        take: wanted => room.take(own, Math.max(0, wanted - freeBytes)),
        received: () => void receiving.delete(own),
        release: () => room.release(own),
        leave() {
          receiving.delete(own)
          requests--
        },
      }
    },
  }
}

interface Receiving {
  readonly onEvicted: () => void
  readonly since: number
}

/** The room for bytes. */
interface Room {
  /** Holds so many bytes in all; false where there is no room for them, or where the body gave way. */
  take(own: Receiving, wanted: number): boolean
  release(own: Receiving): void
}

function createRoom(
  { bytes: most, patience }: IntakeLimits,
  receiving: Set<Receiving>,
  now: () => number,
): Room {
  const held = createCounts<Receiving>()
  let bytes = 0

  function release(own: Receiving): void {
    bytes -= held.of(own)
    held.add(own, -held.of(own))
  }

  function makeRoom(more: number, own: Receiving): void {
    for (const one of receiving) {
      if (bytes + more <= most || now() - one.since < patience) return
      if (one === own || held.of(one) === 0) continue
      receiving.delete(one)
      release(one)
      one.onEvicted()
    }
  }

  return {
    release,
    take(own, wanted) {
      const more = wanted - held.of(own)
      if (more <= 0) return true
      if (!receiving.has(own)) return false
      makeRoom(more, own)
      if (bytes + more > most) return false
      bytes += more
      held.add(own, more)
      return true
    },
  }
}
