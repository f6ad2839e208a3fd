import { createCounts, createFairQueue, orAborted, type Place, type Share } from '../../async/index.ts'
import { urgencies, type Urgency } from '../../evaluation/index.ts'
import type { RegistryError } from '../response/registry-error.ts'
import type { HostLimits } from '../settings/settings.ts'
import { createPace } from './token-bucket.ts'

/** What decides about a turn; its share is the namespace that waits. */
export interface QueueEntry extends Place<Urgency> {
  /** Why there is no use in waiting for it any longer. */
  readonly refusal: () => RegistryError | undefined
  readonly signal: AbortSignal
}

/** What waits for a host: so much goes a second, and so much is there at a time. */
export interface HostQueue {
  /**
   * Waits for a turn and does the work.
   * @throws RegistryFault where the turn was refused; the signal's reason where it was aborted, at once.
   */
  wait<T>(turn: QueueEntry, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Sends away what waits in vain. */
  evictRefused(): void
  /** Lets only one at a time through, or again as many as the limits say. */
  limitTo(limitTo: boolean): void
  /** How many wait. */
  size(): number
}

interface QueuedRequest {
  readonly turn: QueueEntry
  readonly controller: AbortController
  /** Its turn has come; never rejects. */
  start(): Promise<void>
}

/** An empty line; `elapsed` gives milliseconds that never go back. */
export function createHostQueue(limits: HostLimits, elapsed: () => number): HostQueue {
  const tickets = createWaiting()
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
      if (!evictIfRefused(next.item)) void run(next.item, next.share)
    }
  }

  async function run(ticket: QueuedRequest, share: Share): Promise<void> {
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
    limitTo(limitTo) {
      concurrency = limitTo ? 1 : limits.concurrency
      startNext()
    },
    evictRefused: tickets.evictRefused,
    async wait(turn, work) {
      turn.signal.throwIfAborted()
      return new Promise((resolve, reject) => {
        tickets.add(createQueuedRequest(turn, work, { resolve, reject, onEvicted: tickets.remove }))
        startNext()
      })
    },
  }
}

/** Aborts a ticket for whose turn there is no use in waiting; whether it was one. */
function evictIfRefused({ turn, controller }: QueuedRequest): boolean {
  const refused = turn.refusal()
  if (refused !== undefined) controller.abort(refused)
  return refused !== undefined
}

/** The tickets that wait. */
function createWaiting() {
  const queue = createFairQueue<QueuedRequest, Urgency>(urgencies)
  const waiting = new Set<QueuedRequest>()
  return {
    size: () => queue.size(),
    add(ticket: QueuedRequest): void {
      waiting.add(ticket)
      queue.add(ticket, ticket.turn)
    },
    remove: (ticket: QueuedRequest): void => {
      queue.remove(ticket)
      waiting.delete(ticket)
    },
    take(mayGo: (share: Share) => boolean) {
      const next = queue.take(mayGo)
      if (next !== undefined) waiting.delete(next.item)
      return next
    },
    evictRefused: (): void => {
      for (const ticket of waiting) evictIfRefused(ticket)
    },
  }
}

interface Outcome<T> {
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
  /** Its turn will not come any more, or its work was given up. */
  readonly onEvicted: (ticket: QueuedRequest) => void
}

function createQueuedRequest<T>(
  turn: QueueEntry,
  work: (signal: AbortSignal) => Promise<T>,
  { resolve, reject, onEvicted }: Outcome<T>,
): QueuedRequest {
  const controller = new AbortController()
  const { signal } = controller
  const leave = (): void => controller.abort(turn.signal.reason)
  const ticket: QueuedRequest = {
    turn,
    controller,
    // Its place is free as soon as it is given up, also where its connection takes its time to end.
    start: () => orAborted(work(signal), signal).then(resolve, reject).finally(settled),
  }
  function settled(): void {
    turn.signal.removeEventListener('abort', leave)
    signal.removeEventListener('abort', evict)
  }
  function evict(): void {
    onEvicted(ticket)
    settled()
    reject(signal.reason)
  }
  turn.signal.addEventListener('abort', leave, { once: true })
  signal.addEventListener('abort', evict, { once: true })
  return ticket
}
