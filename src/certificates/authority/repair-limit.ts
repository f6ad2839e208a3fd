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
  let writes: readonly number[] = []
  let backedOff = false
  const last = (): number => writes.at(-1) ?? -Infinity
  const isBackedOff = (): boolean => {
    if (backedOff && now() - last() > 2 * minute) backedOff = false
    return backedOff
  }
  const wait = (): number => (isBackedOff() ? Math.max(0, last() + minute - now()) : 0)
  return {
    isBackedOff,
    wait,
    wrote(written) {
      const isRepeated = written === content
      content = written
      // Other content is no repair. Where there is a war, a rotation goes on at its pace.
      writes = [...(isRepeated || backedOff ? writes.filter(at => now() - at < minute) : []), now()]
      if (backedOff || writes.length < mostRepairs) return false
      backedOff = true
      return true
    },
  }
}
