import { createCounts, createFairQueue, orAborted, type Place, type Share } from '../../async/index.ts'
import { urgencies, type Urgency } from '../../evaluation/index.ts'
import type { RegistryFault } from '../response/fault.ts'
import type { HostLimits } from '../settings/settings.ts'
import { createTokenBucket } from './token-bucket.ts'

/** What decides about a turn; its share is the namespace that waits. */
export interface LineTurn extends Place<Urgency> {
  /** Why there is no use in waiting for it any longer. */
  readonly refusal: () => RegistryFault | undefined
  readonly signal: AbortSignal
}

/** What waits for a host: so much goes a second, and so much is there at a time. */
export interface Line {
  /**
   * Waits for a turn and does the work.
   * @throws RegistryFault where the turn was refused; the signal's reason where it was aborted, at once.
   */
  wait<T>(turn: LineTurn, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Sends away what waits in vain. */
  recheck(): void
  /** Lets only one at a time through, or again as many as the limits say. */
  narrow(narrow: boolean): void
  /** How many wait. */
  size(): number
}

interface Ticket {
  readonly turn: LineTurn
  readonly controller: AbortController
  /** Its turn has come; never rejects. */
  start(): Promise<void>
}

/** An empty line; `elapsed` gives milliseconds that never go back. */
export function createLine(limits: HostLimits, elapsed: () => number): Line {
  const tickets = createTickets()
  const running = createCounts<Share>()
  const pace = createPace(limits, elapsed, startNext)
  let { concurrency } = limits
  let runningInAll = 0

  // One place is left for others: what one namespace asks for may hang until it times out.
  const mayGo = (share: Share): boolean =>
    share === undefined || running.of(share) < Math.max(1, concurrency - 1)

  function startNext(): void {
    while (runningInAll < concurrency && pace.mayGo()) {
      const next = tickets.take(mayGo)
      if (next === undefined) return
      if (!sendAwayRefused(next.item)) void run(next.item, next.share)
    }
  }

  async function run(ticket: Ticket, share: Share): Promise<void> {
    pace.take()
    runningInAll++
    running.add(share, 1)
    await ticket.start()
    runningInAll--
    running.add(share, -1)
    startNext()
  }

  return {
    size: tickets.size,
    narrow(narrow) {
      concurrency = narrow ? 1 : limits.concurrency
      startNext()
    },
    recheck: tickets.recheck,
    async wait(turn, work) {
      turn.signal.throwIfAborted()
      return new Promise((resolve, reject) => {
        tickets.add(createTicket(turn, work, { resolve, reject, onSentAway: tickets.remove }))
        startNext()
      })
    },
  }
}

/** Aborts a ticket for whose turn there is no use in waiting; whether it was one. */
function sendAwayRefused({ turn, controller }: Ticket): boolean {
  const refused = turn.refusal()
  if (refused !== undefined) controller.abort(refused)
  return refused !== undefined
}

/** The tickets that wait. */
function createTickets() {
  const queue = createFairQueue<Ticket, Urgency>(urgencies)
  const waiting = new Set<Ticket>()
  return {
    size: () => queue.size(),
    add(ticket: Ticket): void {
      waiting.add(ticket)
      queue.add(ticket, ticket.turn)
    },
    remove: (ticket: Ticket): void => {
      queue.remove(ticket)
      waiting.delete(ticket)
    },
    take(mayGo: (share: Share) => boolean) {
      const next = queue.take(mayGo)
      if (next !== undefined) waiting.delete(next.item)
      return next
    },
    recheck: (): void => {
      for (const ticket of waiting) sendAwayRefused(ticket)
    },
  }
}

interface Outcome<T> {
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
  /** Its turn will not come any more, or its work was given up. */
  readonly onSentAway: (ticket: Ticket) => void
}

function createTicket<T>(
  turn: LineTurn,
  work: (signal: AbortSignal) => Promise<T>,
  { resolve, reject, onSentAway }: Outcome<T>,
): Ticket {
  const controller = new AbortController()
  const { signal } = controller
  const leave = (): void => controller.abort(turn.signal.reason)
  const ticket: Ticket = {
    turn,
    controller,
    // Its place is free as soon as it is given up, also where its connection takes its time to end.
    start: () => orAborted(work(signal), signal).then(resolve, reject).finally(settled),
  }
  function settled(): void {
    turn.signal.removeEventListener('abort', leave)
    signal.removeEventListener('abort', sendAway)
  }
  function sendAway(): void {
    onSentAway(ticket)
    settled()
    reject(signal.reason)
  }
  turn.signal.addEventListener('abort', leave, { once: true })
  signal.addEventListener('abort', sendAway, { once: true })
  return ticket
}

/** How fast a line goes. */
interface Pace {
  mayGo(): boolean
  take(): void
}

// Takes a token; where it was the last, nothing goes until there is another.
function createPace(limits: HostLimits, elapsed: () => number, onRested: () => void): Pace {
  const bucket = createTokenBucket(limits, elapsed)
  let isResting = false

  function rest(): void {
    const wait = Math.ceil(bucket.wait())
    isResting = wait > 0
    // What waits has a deadline; without anything this must not keep the process from ending.
    if (isResting) setTimeout(goOn, wait).unref()
  }

  function goOn(): void {
    rest()
    if (!isResting) onRested()
  }

  return {
    mayGo: () => !isResting,
    take() {
      bucket.take()
      rest()
    },
  }
}
