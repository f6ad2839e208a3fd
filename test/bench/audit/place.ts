import { readFileSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Where a process runs. */
export interface Place {
  /** Undefined: anywhere. */
  readonly core: number | undefined
  readonly niceness: number
}

/** The command that runs Node there. */
export function nodeOn({ core }: Place): readonly [string, ...string[]] {
  return core === undefined ? [process.execPath] : ['taskset', '-c', String(core), process.execPath]
}

/**
 * Sets the niceness of a process that leads a session of its own; false where that is not allowed (below 0 is root's alone to ask
 * for). Linux shares the processor out among sessions first, much as it does among the pods of a node: there the session's counts.
 */
export function setNiceness(pid: number, niceness: number): boolean {
  try {
    if (sharesBySession()) writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
    else setPriority(pid, niceness)
    return true
  } catch {
    return false
  }
}

function sharesBySession(): boolean {
  try {
    return readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'utf8').trim() === '1'
  } catch {
    return false
  }
}
