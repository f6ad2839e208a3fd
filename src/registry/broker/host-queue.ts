import {
  createCounts,
  createFairQueue,
  orAborted,
  type QueuePosition,
  type Share,
  type Taken,
} from '../../async/index.ts'
import { urgencies, type Urgency } from '../../evaluation/index.ts'
import { advice } from '../response/advice.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { HostLimits } from '../settings/settings.ts'
import type { RegistryRequest, Send } from '../transport/send.ts'
import { hostClaimOf, type HostClaim } from './request.ts'
import { createPace } from './pace.ts'

/**
 * The queue of requests to one host: it keeps the host's rate and concurrency, sends urgent requests first, and takes turns between
 * namespaces. The catalog has another queue, of whole look-ups (catalog/refresh/queue.ts says why).
 */
export interface HostQueue {
  /** @throws RegistryError where a request is refused or too many wait; the signal's reason where it is aborted, at once. */
  readonly send: Send
  /** Changes the number of concurrent requests. */
  limitTo(concurrency: number): void
}

export interface HostQueueOptions {
  readonly limits: HostLimits
  /** Milliseconds that never go back. */
  readonly elapsed: () => number
  /** The error if a request with this claim is refused now; checked when it arrives, and again before it is sent. */
  readonly refusal: (claim: HostClaim) => RegistryError | undefined
  /** Whether a request of the look-up with this signal was answered already: its next one goes before those that have not begun. */
  readonly isBegun: (signal: AbortSignal) => boolean
}

// At 20 a second the last of a thousand waits for 50 s, which is nearly as long as a look-up may take. What is urgent finds
// room beyond that.
const mostWaiting: Readonly<Record<Urgency, number>> = {
  refresh: 1_000,
  'first-look-up': 1_100,
  admission: 1_200,
}

/** Creates the queue of a host around a send. */
export function withHostQueue(send: Send, options: HostQueueOptions): HostQueue {
  const { limits, elapsed, refusal, isBegun } = options
  const waiting = createWaiting()
  const slots = createSlots(limits.concurrency)
  const pace = createPace(limits, elapsed, startNext)

  function startNext(): void {
    while (slots.isFree() && pace.mayGo()) {
      const next = waiting.take(slots.mayTake)
      if (next === undefined) return
      if (!evict(next.item, refusal(next.item.claim))) void run(next)
    }
  }

  async function run({ item, share }: Taken<QueuedRequest>): Promise<void> {
    pace.take()
    slots.take(share)
    await item.start(send)
    slots.free(share)
    // A waiting request is refused only if the least urgent one like this would be: to look at a thousand each time is dear.
    if (refusal({ ...item.claim, mayUseReserve: false }) !== undefined)
      for (const other of waiting.all()) evict(other, refusal(other.claim))
    startNext()
  }

  return {
    limitTo(concurrency) {
      slots.limitTo(concurrency)
      startNext()
    },
    async send(request, signal) {
      signal.throwIfAborted()
      const { promise, ...settle } = Promise.withResolvers<RegistryResponse>()
      const isContinued = isBegun(signal)
      const claim = hostClaimOf(request, isContinued)
      const item = createQueuedRequest({ request, signal, claim }, { ...settle, onEvicted: waiting.remove })
      const others = waiting.size()
      waiting.add(item, placeOf(request, isContinued))
      startNext()
      if (waiting.has(item)) evict(item, refusal(claim) ?? fullQueue(request, claim, others))
      return promise
    },
  }
}

/** How many requests are under way, in all and of each namespace. */
function createSlots(most: number) {
  const taken = createCounts<Share>()
  let concurrency = most
  let takenInAll = 0
  return {
    limitTo(next: number): void {
      concurrency = next
    },
    isFree: () => takenInAll < concurrency,
    // One is left for others: what one namespace asks for may hang until it times out.
    mayTake: (share: Share): boolean => share === undefined || taken.of(share) < Math.max(1, concurrency - 1),
    take(share: Share): void {
      takenInAll++
      taken.add(share, 1)
    },
    free(share: Share): void {
      takenInAll--
      taken.add(share, -1)
    },
  }
}

/** Rejects a waiting request if there is a reason; returns whether there is one. */
function evict({ controller }: QueuedRequest, reason: RegistryError | undefined): boolean {
  if (reason !== undefined) controller.abort(reason)
  return reason !== undefined
}

// Pages of a walk come one after another: were all walks of a namespace to go on in turns, the slow ones would all be late
// together.
function placeOf(
  { urgency = 'refresh', namespace }: RegistryRequest,
  ahead: boolean,
): QueuePosition<Urgency> {
  return { rank: urgency, share: namespace, ahead }
}

function fullQueue(
  { urgency = 'refresh' }: RegistryRequest,
  { subject }: HostClaim,
  waiting: number,
): RegistryError | undefined {
  if (waiting < mostWaiting[urgency]) return undefined
  return new RegistryError('unavailable', `${waiting} requests to ${subject} are waiting already`, {
    next: advice`${'try-later'}; if its limits are higher, say so as limits ${'under-registries'}`,
  })
}

/** The requests in the queue. */
function createWaiting() {
  const queue = createFairQueue<QueuedRequest, Urgency>(urgencies)
  const waiting = new Set<QueuedRequest>()
  return {
    size: () => queue.size(),
    all: (): Iterable<QueuedRequest> => waiting,
    has: (item: QueuedRequest) => waiting.has(item),
    add(item: QueuedRequest, place: QueuePosition<Urgency>): void {
      waiting.add(item)
      queue.add(item, place)
    },
    remove: (item: QueuedRequest): void => {
      queue.remove(item)
      waiting.delete(item)
    },
    take(mayGo: (share: Share) => boolean) {
      const next = queue.take(mayGo)
      if (next !== undefined) waiting.delete(next.item)
      return next
    },
  }
}

interface QueuedRequest {
  readonly claim: HostClaim
  /** Aborted if the caller gives up or the request is rejected. */
  readonly controller: AbortController
  /** Sends the request; never rejects. */
  start(send: Send): Promise<void>
}

interface Queued {
  readonly request: RegistryRequest
  readonly signal: AbortSignal
  readonly claim: HostClaim
}

interface Outcome {
  readonly resolve: (response: RegistryResponse) => void
  readonly reject: (reason: unknown) => void
  /** Called if the request leaves the queue without being sent, or is aborted. */
  readonly onEvicted: (item: QueuedRequest) => void
}

function createQueuedRequest(
  { request, signal: outer, claim }: Queued,
  { resolve, reject, onEvicted }: Outcome,
): QueuedRequest {
  const controller = new AbortController()
  const { signal } = controller
  const giveUp = (): void => controller.abort(outer.reason)
  const item: QueuedRequest = {
    claim,
    controller,
    // Its place is free as soon as it is given up, also where its connection takes its time to end.
    start: send => orAborted(send(request, signal), signal).then(resolve, reject).finally(settled),
  }
  function settled(): void {
    outer.removeEventListener('abort', giveUp)
    signal.removeEventListener('abort', sendAway)
  }
  function sendAway(): void {
    onEvicted(item)
    settled()
    reject(signal.reason)
  }
  outer.addEventListener('abort', giveUp, { once: true })
  signal.addEventListener('abort', sendAway, { once: true })
  return item
}
