import type { ChannelError } from './channel.ts'
import type { Message, Totals } from './message.ts'
import { isEmpty, mergeChanges, noChanges, type Changes } from './changes.ts'
import type { Route } from './routes.ts'

/** What one channel of one route has to deliver. Times in epoch milliseconds. */
export interface Delivery {
  /** To be delivered. */
  readonly pending: Changes
  /** Whether the pending message is the first one ever. */
  readonly first: boolean
  /** Failed attempts at the pending message. */
  readonly attempts: number
  /** Not to be tried before. */
  readonly retryAt: number
  /** When something was last delivered; undefined: never. */
  readonly deliveredAt: number | undefined
}

/** A delivery of nothing, before which nothing was ever delivered. */
export const newDelivery: Delivery = {
  pending: noChanges,
  first: true,
  attempts: 0,
  retryAt: 0,
  deliveredAt: undefined,
}

/** The delivery with later changes: they join those that are not delivered yet. */
export function withChanges(delivery: Delivery, changes: Changes): Delivery {
  return isEmpty(changes) ? delivery : { ...delivery, pending: mergeChanges(delivery.pending, changes) }
}

/** The delivery after its message was taken, at an instant in epoch milliseconds. */
export function delivered(now: number): Delivery {
  return { ...newDelivery, first: false, deliveredAt: now }
}

const firstWait = 30_000
const longestWait = 3_600_000

/**
 * The delivery after an attempt that failed: it waits as long as the channel asks, else by full-jitter back-off between
 * nothing and a limit that doubles up to an hour. `random` is at least 0 and less than 1.
 */
export function postponed(
  delivery: Delivery,
  { retryAt }: ChannelError,
  { now, random }: { readonly now: number; readonly random: number },
): Delivery {
  const limit = Math.min(longestWait, firstWait * 2 ** Math.min(delivery.attempts, 20))
  return {
    ...delivery,
    attempts: delivery.attempts + 1,
    retryAt: Math.max(retryAt ?? 0, now + limit * random),
  }
}

/** How things are for a route at an instant in epoch milliseconds. */
interface Standing {
  readonly route: Route
  readonly totals: Totals
  /** Whether everything was looked at. */
  readonly complete: boolean
  readonly now: number
}

/** For what reason a message is due now; undefined where none is. */
export function occasionOf(delivery: Delivery, standing: Standing): Message['occasion'] | undefined {
  const { totals, complete, now } = standing
  if (now < delivery.retryAt) return undefined
  if (!delivery.first && !isEmpty(delivery.pending)) return 'change'
  // Nothing was seen, and that not by looking everywhere: an API server that has not answered yet is no empty cluster.
  if (totals.containers === 0 && !complete) return undefined
  // A new installation shows at once that it works, whatever there is to report.
  return delivery.first ? 'first' : regularOccasion(delivery, standing)
}

function regularOccasion(
  { deliveredAt = 0 }: Delivery,
  { route, totals, now }: Standing,
): 'reminder' | 'heartbeat' | undefined {
  const open = totals.outdated - totals.snoozed - totals.skipped > 0
  const every = open ? route.remindAfter : route.heartbeatEvery
  if (every === undefined || now - deliveredAt < every) return undefined
  return open ? 'reminder' : 'heartbeat'
}
