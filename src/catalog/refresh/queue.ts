import { createCounts, createFairQueue, type FairQueue, type Share } from '../../async/index.ts'
import { urgencies, type Urgency } from '../../evaluation/index.ts'

/** Work that waits for its turn: so much at a time in all and for each key, and no more than so much waiting. */
export interface Queue {
  /**
   * Starts the work, or lets it wait, or says why there is no room to wait. What waits already may be added for another
   * namespace, or as more urgent: it then goes as soon as one of them has its turn.
   */
  add(start: Start, place: QueuePlace): 'started' | 'waiting' | 'full' | 'namespace-full'
}

/** Does a piece of work, in the turn of a namespace; never rejects. */
export type Start = (namespace: Share) => Promise<void>

/** Where work waits. */
export interface QueuePlace {
  readonly key: string
  readonly urgency: Urgency
  /** Whose object it is for; what is for no namespace is bounded only as a whole. */
  readonly namespace: string | undefined
}

export interface QueueLimits {
  readonly atOnce: number
  readonly atOncePerKey: number
  readonly waiting: number
  readonly waitingPerKey: number
  /** Of one namespace and key. */
  readonly atOncePerNamespace: number
  /** Of one namespace and key. */
  readonly waitingPerNamespace: Readonly<Record<Urgency, number>>
}

/**
 * An empty queue. It is fair between keys, and for each key between namespaces: who waits for a key or a namespace that is at
 * its limit holds up no other.
 */
export function createQueue(limits: QueueLimits): Queue {
  const running = createRunning(limits)
  const lines = new Map<string, FairQueue<Start, Urgency>>()

  function startNext(): void {
    for (const [key, line] of lines) {
      while (running.hasTurn(key)) {
        const next = line.take(share => running.mayGo(key, share))
        if (next === undefined) break
        void run(next.item, key, next.share)
      }
      if (line.size() === 0) lines.delete(key)
    }
  }

  async function run(start: Start, key: string, share: Share): Promise<void> {
    running.count(key, share, 1)
    await start(share)
    running.count(key, share, -1)
    startNext()
  }

  return {
    add(start, place) {
      const { key, urgency, namespace } = place
      if (running.hasTurn(key) && running.mayGo(key, namespace)) {
        lines.get(key)?.remove(start)
        void run(start, key, namespace)
        return 'started'
      }
      const full = fullFor(place, lines, limits)
      if (full !== undefined) return full
      const line = lines.get(key) ?? createFairQueue<Start, Urgency>(urgencies)
      lines.set(key, line)
      line.add(start, { rank: urgency, share: namespace })
      return 'waiting'
    },
  }
}

/** What goes on, by key, and by key and namespace. */
interface Running {
  hasTurn(key: string): boolean
  mayGo(key: string, share: Share): boolean
  count(key: string, share: Share, by: number): void
}

function createRunning(limits: QueueLimits): Running {
  const counts = createCounts<string>()
  let inAll = 0
  return {
    hasTurn: key => inAll < limits.atOnce && counts.of(key) < limits.atOncePerKey,
    mayGo: (key, share) => share === undefined || counts.of(`${key} ${share}`) < limits.atOncePerNamespace,
    count(key, share, by) {
      inAll += by
      counts.add(key, by)
      if (share !== undefined) counts.add(`${key} ${share}`, by)
    },
  }
}

function fullFor(
  { key, urgency, namespace }: QueuePlace,
  lines: ReadonlyMap<string, FairQueue<Start, Urgency>>,
  limits: QueueLimits,
): 'full' | 'namespace-full' | undefined {
  const line = lines.get(key)
  const ofNamespace = namespace === undefined ? 0 : (line?.waiting(urgency, namespace) ?? 0)
  if (ofNamespace >= limits.waitingPerNamespace[urgency]) return 'namespace-full'
  const waiting = [...lines.values()].reduce((sum, each) => sum + each.size(), 0)
  return waiting >= limits.waiting || (line?.size() ?? 0) >= limits.waitingPerKey ? 'full' : undefined
}
