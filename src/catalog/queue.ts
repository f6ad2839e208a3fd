/** Work that waits for its turn: so much at a time in all and for each key, and no more than so much waiting. */
export interface Queue {
  /** The outcome of the work, or undefined if there is no room to wait. What is urgent goes ahead of what is not. */
  add<T>(work: Work<T>): Promise<T> | undefined
}

/** Something to be done for a key. */
export interface Work<T> {
  readonly key: string
  readonly urgent: boolean
  readonly start: () => Promise<T>
}

interface QueueLimits {
  readonly atOnce: number
  readonly atOncePerKey: number
  readonly waiting: number
  readonly waitingPerKey: number
}

interface Waiting {
  readonly key: string
  start(): void
}

/** An empty queue. It is fair between keys: who waits for a key that is at its limit holds up nobody else. */
export function createQueue(limits: QueueLimits): Queue {
  const running = createCounter()
  const urgent = new Set<Waiting>()
  const patient = new Set<Waiting>()
  const waitingOf = createCounter()

  const hasTurn = (key: string): boolean =>
    running.total() < limits.atOnce && running.of(key) < limits.atOncePerKey

  function startNext(waiting: Set<Waiting>): void {
    for (const item of waiting) {
      if (running.total() >= limits.atOnce) return
      if (!hasTurn(item.key)) continue
      waiting.delete(item)
      waitingOf.remove(item.key)
      item.start()
    }
  }

  async function run<T>({ key, start }: Work<T>): Promise<T> {
    running.add(key)
    try {
      return await start()
    } finally {
      running.remove(key)
      startNext(urgent)
      startNext(patient)
    }
  }

  return {
    add(work) {
      const { key } = work
      if (hasTurn(key)) return run(work)
      if (waitingOf.total() >= limits.waiting || waitingOf.of(key) >= limits.waitingPerKey) return undefined
      waitingOf.add(key)
      return new Promise((resolve, reject) => {
        const item = { key, start: () => void run(work).then(resolve, reject) }
        if (work.urgent) urgent.add(item)
        else patient.add(item)
      })
    },
  }
}

interface Counter {
  of(key: string): number
  total(): number
  add(key: string): void
  remove(key: string): void
}

function createCounter(): Counter {
  const counts = new Map<string, number>()
  const of = (key: string): number => counts.get(key) ?? 0
  let total = 0
  return {
    of,
    total: () => total,
    add(key) {
      total++
      counts.set(key, of(key) + 1)
    },
    remove(key) {
      total--
      if (of(key) > 1) counts.set(key, of(key) - 1)
      else counts.delete(key)
    },
  }
}
