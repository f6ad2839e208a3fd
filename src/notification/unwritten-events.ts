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

/** The changes of which Events are written: a removed workload has none, and an emergency is told to who allowed it. */
export function eventChanges(changes: Changes): Changes {
  return {
    ...changes,
    resolved: changes.resolved.filter(({ kind }) => kind !== 'emergency'),
    removed: [],
    emergencies: [],
  }
}

/** The changes of which Events are still to be written, after a report that brought later ones. */
export function unwrittenAfter(left: Changes, later: Changes): Changes {
  let room = mostKept
  return selectChanges(eventChanges(mergeChanges(left, later)), () => room-- > 0)
}

/** What of the changes still waits in the queue. */
export function stillWaiting(changes: Changes, queue: EventQueue): Changes {
  return selectChanges(changes, ({ workload }) => queue.isWaiting(workload))
}
