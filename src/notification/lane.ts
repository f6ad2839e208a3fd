import type { ChannelError } from './channel.ts'
import type { Message, Totals } from './message.ts'
import { isEmpty, merge, nothingPending } from './pending.ts'
import type { Route } from './routes.ts'
import type { Lane } from './state-text.ts'
import type { Changes } from './state.ts'

/** A lane with nothing to deliver, on which nothing was ever delivered. */
export const newLane: Lane = {
  pending: nothingPending,
  first: true,
  attempts: 0,
  retryAt: 0,
  deliveredAt: undefined,
}

/** The lane with later changes to deliver: they join those that nobody has heard of yet. */
export function withChanges(lane: Lane, changes: Changes): Lane {
  return isEmpty(changes) ? lane : { ...lane, pending: merge(lane.pending, changes) }
}

/** The lane after its message was taken, at an instant in epoch milliseconds. */
export function delivered(now: number): Lane {
  return { ...newLane, first: false, deliveredAt: now }
}

const firstWait = 30_000
const longestWait = 3_600_000

/**
 * The lane after an attempt that failed: it waits as long as the channel asks, else by full-jitter back-off between
 * nothing and a limit that doubles up to an hour. `random` is at least 0 and less than 1.
 */
export function postponed(
  lane: Lane,
  { retryAt }: ChannelError,
  { now, random }: { readonly now: number; readonly random: number },
): Lane {
  const limit = Math.min(longestWait, firstWait * 2 ** Math.min(lane.attempts, 20))
  return { ...lane, attempts: lane.attempts + 1, retryAt: Math.max(retryAt ?? 0, now + limit * random) }
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
export function occasionOf(lane: Lane, standing: Standing): Message['occasion'] | undefined {
  const { totals, complete, now } = standing
  if (now < lane.retryAt) return undefined
  if (!lane.first && !isEmpty(lane.pending)) return 'change'
  // Nothing was seen, and that not by looking everywhere: an API server that has not answered yet is no empty cluster.
  if (totals.containers === 0 && !complete) return undefined
  // Somebody who has just installed this wants to see that it works, whatever there is to say.
  return lane.first ? 'first' : regularOccasion(lane, standing)
}

function regularOccasion(
  { deliveredAt = 0 }: Lane,
  { route, totals, now }: Standing,
): 'reminder' | 'heartbeat' | undefined {
  const open = totals.outdated - totals.snoozed - totals.skipped > 0
  const every = open ? route.remindAfter : route.heartbeatEvery
  if (every === undefined || now - deliveredAt < every) return undefined
  return open ? 'reminder' : 'heartbeat'
}
