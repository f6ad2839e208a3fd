import { createCounts } from './counts.ts'
import { createFairQueue, type Share } from './fair-queue.ts'

/** Work of which so much goes on at a time; shares take turns. */
export interface FairTurns {
  /** What the work gives, once its share has had its turn. */
  take<T>(share: Share, work: () => Promise<T>): Promise<T>
}

/** Nothing at work yet. No share takes the last place: another must not have to wait until its work is over. */
export function createFairTurns(atOnce: number): FairTurns {
  const queue = createFairQueue<() => Promise<void>, 'only'>(['only'])
  const running = createCounts<Share>()
  let runningInAll = 0

  const mayGo = (share: Share): boolean => running.of(share) < Math.max(1, atOnce - 1)

  function startNext(): void {
    while (runningInAll < atOnce) {
      const next = queue.take(mayGo)
      if (next === undefined) return
      void run(next.item, next.share)
    }
  }

  async function run(start: () => Promise<void>, share: Share): Promise<void> {
    runningInAll++
    running.add(share, 1)
    await start()
    runningInAll--
    running.add(share, -1)
    startNext()
  }

  return {
    take: (share, work) =>
      new Promise((resolve, reject) => {
        // Awaited within, so that work which throws at once gives its place back too.
        const start = async (): Promise<void> => {
          try {
            resolve(await work())
          } catch (error) {
            reject(error)
          }
        }
        queue.add(start, { rank: 'only', share })
        startNext()
      }),
  }
}
