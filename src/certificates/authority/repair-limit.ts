/** How often one webhook configuration may be repaired. Instants by a monotonic clock, milliseconds. */
export interface RepairLimit {
  /** Records that it was written. True where this is the write from which on repairs are backed off. */
  wrote(content: string): boolean
  /** Milliseconds until it may be written; 0 where it may be now. */
  wait(): number
  /** Whether another writer undid the repairs again and again, and may still. */
  isBackedOff(): boolean
}

const minute = 60_000
const mostRepairs = 3

/**
 * Creates the limit. Another writer may put its own content back for ever (a GitOps tool, an injector), and two who do so at once
 * fill the API server's storage with versions: after three repairs of the same content within a minute there is one a minute. It
 * ends when the content has stood for two minutes.
 */
export function createRepairLimit(now: () => number): RepairLimit {
  let content = ''
  let last = -Infinity
  /** When it was written again, of the last minute. */
  let repairs: readonly number[] = []
  let backedOff = false
  const isBackedOff = (): boolean => {
    if (backedOff && now() - last > 2 * minute) backedOff = false
    return backedOff
  }
  return {
    isBackedOff,
    wait: () => (isBackedOff() ? Math.max(0, last + minute - now()) : 0),
    wrote(written) {
      // Other content is no repair. Where there is a war, a rotation goes on at its pace.
      repairs = written === content ? [...repairs.filter(at => now() - at < minute), now()] : []
      content = written
      last = now()
      if (backedOff || repairs.length < mostRepairs) return false
      backedOff = true
      return true
    },
  }
}
