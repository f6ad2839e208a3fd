/** The name by which a queue divides its turns fairly, such as a namespace; undefined is a share too. */
export type Share = string | undefined

/** Where an item of a {@link FairQueue} waits. */
export interface QueuePosition<Rank extends string> {
  readonly rank: Rank
  /** Items of one share wait for each other, and shares take turns; those without one share one. */
  readonly share: Share
  /** Goes before the others of its share and rank. */
  readonly ahead?: boolean
}

/** An item that was taken, and its share. */
export interface Taken<T> {
  readonly item: T
  readonly share: Share
}

/**
 * Items that wait: by rank, and within a rank one of each share in turn, so that a share with a thousand items holds up
 * another by no more than one of them.
 */
export interface FairQueue<T, Rank extends string> {
  /** An item may wait in several places; it is taken from all of them at once. */
  add(item: T, place: QueuePosition<Rank>): void
  /** Takes out the next item whose share may go; undefined if there is none. */
  take(mayGo: (share: Share) => boolean): Taken<T> | undefined
  remove(item: T): void
  /** How many items wait. */
  size(): number
  /** How many items wait in a share with a rank. */
  waiting(rank: Rank, share: Share): number
}

// Background work must not wait for ever: data that is never refreshed becomes too old to be of use. A rank that was
// passed over this often goes first.
const mostPassed = 4

/** Creates an empty queue; the first of the ranks goes first. */
export function createFairQueue<T, Rank extends string>(ranks: readonly Rank[]): FairQueue<T, Rank> {
  const byRank = new Map(ranks.map(rank => [rank, createShares<T>()]))
  const places = new Map<T, QueuePosition<Rank>[]>()

  function remove(item: T): void {
    for (const place of places.get(item) ?? []) byRank.get(place.rank)?.remove(item, place)
    places.delete(item)
  }

  return {
    add(item, place) {
      const others = places.get(item)
      if (others === undefined) places.set(item, [place])
      else others.push(place)
      byRank.get(place.rank)?.add(item, place)
    },
    take(mayGo) {
      const all = [...byRank.values()]
      for (const shares of [...all.filter(({ passed }) => passed >= mostPassed), ...all]) {
        const taken = shares.next(mayGo)
        if (taken === undefined) continue
        remove(taken.item)
        shares.passed = 0
        for (const lower of all.slice(all.indexOf(shares) + 1)) lower.passed += lower.isEmpty() ? 0 : 1
        return taken
      }
      return undefined
    },
    remove,
    size: () => places.size,
    waiting: (rank, share) => byRank.get(rank)?.waiting(share) ?? 0,
  }
}

type Within = Pick<QueuePosition<string>, 'share' | 'ahead'>

/** The items of one rank, by share. */
interface Shares<T> {
  /** How often another rank has gone before it while something waited here. */
  passed: number
  isEmpty(): boolean
  waiting(share: Share): number
  add(item: T, place: Within): void
  remove(item: T, place: Within): void
  /** The next item, which stays; its share goes behind the others. */
  next(mayGo: (share: Share) => boolean): Taken<T> | undefined
}

interface Waiting<T> {
  readonly ahead: Set<T>
  readonly others: Set<T>
}

function createShares<T>(): Shares<T> {
  const shares = new Map<Share, Waiting<T>>() // in the order of their turns
  return {
    passed: 0,
    isEmpty: () => shares.size === 0,
    waiting(name) {
      const share = shares.get(name)
      return share === undefined ? 0 : share.ahead.size + share.others.size
    },
    add(item, { share: name, ahead = false }) {
      const share = shares.get(name) ?? { ahead: new Set(), others: new Set() }
      shares.set(name, share)
      if (ahead) share.ahead.add(item)
      else share.others.add(item)
    },
    remove(item, { share: name }) {
      const share = shares.get(name)
      share?.ahead.delete(item)
      share?.others.delete(item)
      if (share?.ahead.size === 0 && share.others.size === 0) shares.delete(name)
    },
    next(mayGo) {
      for (const [name, { ahead, others }] of shares) {
        if (!mayGo(name)) continue
        shares.delete(name)
        shares.set(name, { ahead, others })
        for (const item of ahead.size > 0 ? ahead : others) return { item, share: name }
      }
      return undefined
    },
  }
}

/** A counter for each name. A count of 0 takes no memory. */
export interface Counts<Name> {
  of(name: Name): number
  add(name: Name, count: number): void
}

/** Creates counters, all 0. */
export function createCounts<Name>(): Counts<Name> {
  const counts = new Map<Name, number>()
  const of = (name: Name): number => counts.get(name) ?? 0
  return {
    of,
    add(name, count) {
      const sum = of(name) + count
      if (sum === 0) counts.delete(name)
      else counts.set(name, sum)
    },
  }
}

/** A limit on concurrent work, whose free places go to the shares in turn. */
export interface FairTurns {
  /** Runs the work when its share's turn comes, and gives its result. */
  take<T>(share: Share, work: () => Promise<T>): Promise<T>
}

/** Creates the limit. No share takes the last place, so that another one never waits for its work to end. */
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
