import { Cron } from 'croner'

/** When cycles begin. */
export interface Schedule {
  /** Milliseconds until the next one. */
  untilNext(): number
}

/** By cron where one is given, else by an interval, of which a tenth is random so that clusters do not ask together. */
export function createSchedule({
  cron,
  timeZone,
  intervalMinutes,
}: {
  readonly cron: string | undefined
  readonly timeZone: string
  readonly intervalMinutes: number
}): Schedule {
  if (cron === undefined) return { untilNext: () => intervalMinutes * 60_000 * (0.95 + 0.1 * Math.random()) }
  const times = new Cron(cron, { timezone: timeZone, paused: true })
  // A cron that never comes (30 February) leaves a day between looks at it.
  return { untilNext: () => times.msToNext() ?? 86_400_000 }
}
