import { createCounts, createFairQueue, type FairQueue, type Share } from '../../async/index.ts'
import { urgencies, type Urgency } from '../../evaluation/index.ts'
import type { CatalogLimits } from './options.ts'

/*
 * The catalog's queue and the broker's queue of a host (registry/broker/host-queue.ts) are both needed. A place here is a whole
 * look-up, with all its pages: it bounds how many look-ups run and wait, for each registry and each namespace, and a full
 * queue is an answer. A place there is one request: it keeps the rate and the concurrency that a host allows.
 */
/** A queue with limits in all, for each key, and for each key and namespace: of what runs, and of what waits. */
export interface Queue {
  /**
   * Starts the work, or queues it, or answers that the queue is full. Queued work may be added again for another namespace, or with
   * another urgency: it starts when the first of its places is reached.
   */
  add(start: Start, place: QueuePlace): 'started' | 'waiting' | 'full' | 'namespace-full'
}

/** Starts a piece of work at the expense of a namespace; never rejects. */
export type Start = (namespace: Share) => Promise<void>

/** The place of work in the queue. */
export interface QueuePlace {
  readonly key: string
  readonly urgency: Urgency
  /** The namespace of the object that it is for; work for no namespace is bounded only as a whole. */
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
 * Creates an empty queue. It is fair between keys, and for each key between namespaces: work for a key or a namespace that is at
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

/** Creates the queue of a catalog's look-ups, whose keys are registries. */
export function createLookUpQueue(limits: CatalogLimits): Queue {
  return createQueue({
    atOnce: limits.lookUps,
    atOncePerKey: limits.lookUpsPerRegistry,
    waiting: limits.waiting,
    waitingPerKey: limits.waitingPerRegistry,
    atOncePerNamespace: limits.lookUpsPerNamespace,
    waitingPerNamespace: {
      admission: limits.checksWaitingPerNamespace,
      'first-look-up': limits.firstLookUpsWaitingPerNamespace,
      refresh: Infinity, // for no namespace
    },
  })
}

/** What runs, by key, and by key and namespace. */
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
