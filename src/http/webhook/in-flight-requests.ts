import { createCounts } from '../../async/index.ts'

/** The limits of all requests in flight together. */
export interface InFlightLimits {
  /** How many, from their first byte to their response. */
  readonly requests: number
  /** Bytes of their bodies, beyond the first {@link freeBytes} of each. */
  readonly bytes: number
  /** Milliseconds after which an arriving body is evicted if another needs its bytes; if another needs its place, the oldest is evicted at once. */
  readonly patience: number
}

/** One request in flight. */
export interface InFlightRequest {
  /** Reserves room for a body of so many bytes in all; false if there is none. */
  reserve(bytes: number): boolean
  /** Says that the body has arrived: the request cannot be evicted any more. */
  received(): void
  /** Gives back the room of the body. */
  release(): void
  /** Ends the request: its response is ready. */
  end(): void
}

/**
 * Counts the requests in flight and the bytes of their bodies. If there is no room, the body that has been arriving for
 * longest is evicted: an API server sends its bodies within a moment, and a slow client must not keep it out.
 */
export interface InFlightRequests {
  /** Begins a request; undefined if the limit is reached by requests that have arrived. `onEvicted` ends an evicted one. */
  begin(onEvicted: () => void): InFlightRequest | undefined
  /** The number of requests in flight. */
  size(): number
}

/** The size up to which bodies are not counted: nearly all reviews are smaller, so a flood of large ones keeps none of them out. */
export const freeBytes = 64 * 1024

/** Creates the counter of requests in flight; `now` is a monotonic clock in milliseconds. */
export function createInFlightRequests(limits: InFlightLimits, now: () => number): InFlightRequests {
  const arriving = new Set<Arriving>() // in the order in which they began
  const room = createRoom(limits, arriving, now)
  let requests = 0
  return {
    size: () => requests,
    begin(onEvicted) {
      const [oldest] = arriving
      if (requests >= limits.requests) {
        if (oldest === undefined) return undefined
        arriving.delete(oldest)
        oldest.onEvicted()
      }
      requests++
      const own: Arriving = { onEvicted, since: now() }
      arriving.add(own)
      return {
        reserve: bytes => room.reserve(own, Math.max(0, bytes - freeBytes)),
        received: () => void arriving.delete(own),
        release: () => room.release(own),
        end() {
          arriving.delete(own)
          requests--
        },
      }
    },
  }
}

/** A request whose body has not arrived completely. */
interface Arriving {
  readonly onEvicted: () => void
  readonly since: number
}

/** The bytes that bodies may have together. */
interface Room {
  /** Reserves so many bytes in all; false if there is no room for them, or if the body was evicted. */
  reserve(own: Arriving, bytes: number): boolean
  release(own: Arriving): void
}

function createRoom(
  { bytes: most, patience }: InFlightLimits,
  arriving: Set<Arriving>,
  now: () => number,
): Room {
  const held = createCounts<Arriving>()
  let bytes = 0

  function release(own: Arriving): void {
    bytes -= held.of(own)
    held.add(own, -held.of(own))
  }

  function makeRoom(more: number, own: Arriving): void {
    for (const one of arriving) {
      if (bytes + more <= most || now() - one.since < patience) return
      if (one === own || held.of(one) === 0) continue
      arriving.delete(one)
      release(one)
      one.onEvicted()
    }
  }

  return {
    release,
    reserve(own, wanted) {
      const more = wanted - held.of(own)
      if (more <= 0) return true
      if (!arriving.has(own)) return false
      makeRoom(more, own)
      if (bytes + more > most) return false
      bytes += more
      held.add(own, more)
      return true
    },
  }
}
