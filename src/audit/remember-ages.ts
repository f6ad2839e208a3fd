import { ageText, mergedAges, readAges, withAges, type Ages } from './ages.ts'
import type { DriftReport } from './drift.ts'

/** Where ages outlive a process: one text, shared by all replicas. */
export interface AgeStore {
  /** Undefined where there is none yet. @throws Error where it cannot be read. */
  load(signal: AbortSignal): Promise<string | undefined>
  /** @throws Error where it could not be stored, also because another process stored something else meanwhile. */
  save(text: string, signal: AbortSignal): Promise<void>
}

/** Since when images are behind, as long as the cluster runs them, whichever replica looks. */
export interface RememberedAges {
  /** Reads what was stored, where that was not done yet. @throws what the store throws; AgeTextError. */
  load(signal: AbortSignal): Promise<void>
  /** The report with the ages known so far, which its own are added to. */
  apply(report: DriftReport): DriftReport
  /**
   * Stores what changed. What another process has stored meanwhile is read first and joined: neither loses an instant.
   * @throws what the store throws: then the next call begins by reading.
   */
  save(signal: AbortSignal): Promise<void>
}

/** Ages over a store; to be made anew for each term of a leader. */
export function rememberAges(store: AgeStore): RememberedAges {
  let ages: Ages = new Map()
  /** What the store holds; undefined until it was read. */
  let stored: string | undefined
  const load = async (signal: AbortSignal): Promise<void> => {
    if (stored !== undefined) return
    const text = await store.load(signal)
    if (text !== undefined) ages = mergedAges(ages, readAges(text))
    stored = text ?? ''
  }
  return {
    load,
    apply(report) {
      const aged = withAges(report, ages)
      ages = aged.ages
      return aged.report
    },
    async save(signal) {
      await load(signal)
      const text = ageText(ages)
      if (text === stored) return
      stored = undefined
      await store.save(text, signal)
      stored = text
    },
  }
}
