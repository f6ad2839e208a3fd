import type { HeldLease } from './lease.ts'

/** Where the time comes from, in milliseconds. */
export interface LeaderClock {
  /** Of the epoch. */
  readonly wall: () => number
  /** Never set back. */
  readonly monotonic: () => number
}

/** One moment by both clocks. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/** One time of being the leader, from the election to the loss. */
export interface Term {
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  readonly lease: HeldLease
  /** Whether it lasts still. Looks at the clock, not at a timer: a process that was stopped learns of it here first. */
  mayWrite(): boolean
  /** A renewal that was begun at that moment has come through. */
  renewed(lease: HeldLease, begun: Moment): void
  end(): void
}

/** Begins a term that ends by itself `renewDeadline` milliseconds after the begin of its last renewal. */
export function createTerm(
  first: { readonly lease: HeldLease; readonly begun: Moment },
  { clock, renewDeadline }: { readonly clock: LeaderClock; readonly renewDeadline: number },
): Term {
  const ending = new AbortController()
  let { lease, begun } = first
  const end = (): void => {
    clearTimeout(timer)
    ending.abort()
  }
  // The monotonic clock stands still while a machine is suspended, the other one may be set: what says more counts.
  const elapsed = (): number => Math.max(clock.monotonic() - begun.monotonic, clock.wall() - begun.wall)
  const arm = (): NodeJS.Timeout => setTimeout(end, Math.max(0, renewDeadline - elapsed()))
  let timer = arm()
  return {
    signal: ending.signal,
    get lease() {
      return lease
    },
    mayWrite() {
      if (!ending.signal.aborted && elapsed() >= renewDeadline) end()
      return !ending.signal.aborted
    },
    renewed(next, at) {
      if (ending.signal.aborted) return
      lease = next
      begun = at
      clearTimeout(timer)
      timer = arm()
    },
    end,
  }
}
