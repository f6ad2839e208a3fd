import { orAborted } from './deadline.ts'

/** Runs a piece of work once for all who ask for it while it goes on. */
export interface SingleFlight<T> {
  /**
   * What the work under way for this key gives, or else this one. It goes on until the last who waits has left.
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

/** Flights, none of them under way. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>()

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const outcome = work(controller.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    outcome.catch(() => undefined) // told to those who wait, if there are any left
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
