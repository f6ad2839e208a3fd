import { orAborted } from './deadline.ts'

/** A mutex for each key: work on one key runs one after the other, in the order in which it was asked for. */
export interface KeyedMutex {
  /** Runs the work once all earlier work of the key has ended, however that ended. */
  runExclusive<T>(key: string, work: () => Promise<T>): Promise<T>
}

/** Creates a mutex per key; a key without work takes no room. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>()
  return {
    async runExclusive(key, work) {
      const before = last.get(key)
      const outcome = before === undefined ? work() : before.then(work, work)
      last.set(key, outcome)
      try {
        return await outcome
      } finally {
        if (last.get(key) === outcome) last.delete(key)
      }
    },
  }
}

/** Creates a mutex: work runs one after the other, in the order in which it was asked for, however the work before it ended. */
export function createMutex(): <T>(work: () => Promise<T>) => Promise<T> {
  const mutex = createKeyedMutex()
  return work => mutex.runExclusive('', work)
}

/** Concurrent calls with one key share one run of the work. */
export interface SingleFlight<T> {
  /**
   * Gives the result of the run under way for this key, or starts this work. The run is aborted once all callers have given up.
   * @throws what the work throws; the signal's reason where it is aborted.
   */
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
  /** Whether work is under way for this key. */
  isUnderWay(key: string): boolean
}

interface Flight<T> {
  readonly controller: AbortController
  readonly outcome: Promise<T>
  waiting: number
}

/** Creates single flights; a key without a run takes no room. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>()

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const outcome = work(controller.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    outcome.catch(() => undefined) // callers get the error; without any left it must not be unhandled
    const flight = { controller, outcome, waiting: 0 }
    flights.set(key, flight)
    return flight
  }

  return {
    isUnderWay: key => flights.has(key),
    async run(key, work, signal) {
      signal.throwIfAborted()
      const flight = flights.get(key) ?? start(key, work)
      flight.waiting++
      try {
        return await orAborted(flight.outcome, signal)
      } finally {
        if (--flight.waiting === 0) {
          if (flights.get(key) === flight) flights.delete(key)
          flight.controller.abort(signal.reason)
        }
      }
    },
  }
}
