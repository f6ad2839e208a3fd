import { getPriority, setPriority } from 'node:os'

/** Makes this process wait more (above 0) or less for the processor than it did; less is root's alone to ask for. */
export function changePriority(by: number): boolean {
  try {
    setPriority(Math.max(-20, Math.min(19, getPriority() + by)))
    return true
  } catch {
    return false
  }
}
