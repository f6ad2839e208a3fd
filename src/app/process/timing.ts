import { setTimeout as sleep } from 'node:timers/promises'
import { Cron } from 'croner'
import type { Schedule } from '../../audit/index.ts'

/** What a schedule goes by. */
export interface ScheduleOptions {
  /** In place of the interval. */
  readonly cron: string | undefined
  /** Of the cron: an IANA name. */
  readonly timeZone: string
  readonly intervalMinutes: number
  /** At least 0 and less than 1. */
  readonly random: () => number
}

/** By cron where one is given, else by an interval, of which a tenth is random so that clusters do not ask together. */
export function createSchedule({ cron, timeZone, intervalMinutes, random }: ScheduleOptions): Schedule {
  if (cron === undefined) return { next: after => after + intervalMinutes * minute * (0.95 + 0.1 * random()) }
  const times = new Cron(cron, { timezone: timeZone, paused: true })
  // A cron that never comes (30 February) leaves a day between looks at it.
  return { next: after => times.nextRun(new Date(after))?.getTime() ?? after + day }
}

const minute = 60_000
const day = 86_400_000

// A timer counts another clock than the wall's: over a night they part by seconds, and a machine that slept by hours.
const longestTimer = 60_000

/** Resolves after so many milliseconds by the wall clock, never before, or when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + milliseconds
  try {
    for (let left = milliseconds; left > 0; left = end - Date.now())
      // oxlint-disable-next-line eslint/no-await-in-loop -- a look at the clock in between
      await sleep(Math.min(left, longestTimer), undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
