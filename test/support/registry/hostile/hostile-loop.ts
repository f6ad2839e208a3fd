/** Watches how late the event loop is. */
export interface LoopWatch {
  start(): void
  stop(): void
  /** In milliseconds, of all the time in which it watched. */
  percentiles(at: number): { readonly delay: number; readonly ownDelay: number }
}

const interval = 10

/**
 * A watch beside the clock also of the thread's own CPU time: what keeps the loop is work of the thread, and on a machine that
 * runs other tests at the same time the clock also tells how long those took.
 */
export function watchLoop(): LoopWatch {
  const delays: number[] = []
  const own: number[] = []
  let timer: NodeJS.Timeout | undefined
  let last = { clock: 0, cpu: 0 }
  return {
    start() {
      last = look()
      timer = setInterval(() => {
        const current = look()
        const delay = Math.max(0, current.clock - last.clock - interval)
        delays.push(delay)
        own.push(Math.min(delay, current.cpu - last.cpu))
        last = current
      }, interval)
    },
    stop: () => clearInterval(timer),
    percentiles: at => ({ delay: percentile(delays, at), ownDelay: percentile(own, at) }),
  }
}

// In milliseconds.
function look(): { readonly clock: number; readonly cpu: number } {
  const { user, system } = process.threadCpuUsage()
  return { clock: performance.now(), cpu: (user + system) / 1000 }
}

function percentile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? Number.NaN
}
