import type { Workload } from '../inventory/index.ts'
import { mergeChanges, selectChanges, type Changes } from './changes.ts'

/** The queue of Events, which are written beside the messages and at a limited rate. */
export interface EventQueue {
  /** Takes changes of which Events are to be written, and returns at once. */
  add(changes: Changes): void
  /** Whether an Event about a workload is still to be written. */
  isWaiting(workload: Workload): boolean
}

// Ten a second are written: so many take a quarter of an hour, and the state has to fit into its ConfigMaps.
const mostKept = 10_000

/** The changes of which Events are still to be written, after a report that brought later ones. A removed workload has no Event. */
export function unwrittenAfter(left: Changes, later: Changes): Changes {
  let room = mostKept
  const merged = { ...mergeChanges(left, later), removed: [] }
  return selectChanges(merged, () => room-- > 0)
}

/** What of the changes still waits in the queue. */
export function stillWaiting(changes: Changes, queue: EventQueue): Changes {
  return selectChanges(changes, ({ workload }) => queue.isWaiting(workload))
}
