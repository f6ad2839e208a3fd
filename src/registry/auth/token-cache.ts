import { createExpiringMap, createSingleFlight } from '../../async/index.ts'
import { urgencies, type Urgency } from '../../evaluation/index.ts'
import type { Token } from './token-server.ts'

/** A request for a token: its key, and the function that fetches it. */
export interface WantedToken {
  /** Realm, service, scope and whose: a token is never given to other credentials. */
  readonly key: string
  /** A token that the registry has refused. */
  readonly rejected: string | undefined
  /**
   * A request that is under way is shared with those of the same or of a lower urgency: an admission does not wait behind a
   * refresh, while a refresh may wait behind an admission, which is sent first.
   */
  readonly urgency: Urgency
  /** Requests the token; an error reaches every caller that waits for it. */
  readonly ask: (signal: AbortSignal) => Promise<Token>
}

/** A token; `fresh` if it was just issued, so that another one would be no better. */
export interface ObtainedToken {
  readonly token: string
  readonly fresh: boolean
}

/** Keeps tokens until shortly before they expire. */
export interface TokenCache {
  /**
   * Gives the cached token unless it was rejected, else the token of the request in progress, or of a new one.
   * The request is aborted when its last caller leaves.
   * @throws what `ask` throws; the signal's reason where it is aborted.
   */
  obtain(wanted: WantedToken, signal: AbortSignal): Promise<ObtainedToken>
  /** Drops a token that does not work. */
  forget(key: string, token: string): void
}

// A page that is asked for in the last moment of a token must still arrive with it.
const margin = 10_000
// One of a KB or two for each repository: a cluster with 5,000 of them asks for tags and then for digests with the same one.
const mostTokens = 10_000

/** Creates a token cache; `now` in epoch milliseconds. */
export function createTokenCache(now: () => number): TokenCache {
  const tokens = createExpiringMap<string>({ max: mostTokens, now })
  const flights = createSingleFlight<string>()

  return {
    async obtain({ key, rejected, urgency, ask }, signal) {
      const token = tokens.get(key)
      if (token !== undefined && token !== rejected) return { token, fresh: false }
      tokens.delete(key)
      const work = async (flight: AbortSignal): Promise<string> => {
        const asked = await ask(flight)
        tokens.set(key, asked.token, now() + asked.expiresIn - margin)
        return asked.token
      }
      const own = flightKey(key, urgency)
      const flight = moreUrgent(urgency)
        .map(each => flightKey(key, each))
        .find(each => flights.isUnderWay(each))
      return { token: await flights.run(flight ?? own, work, signal), fresh: true }
    },
    forget(key, token) {
      if (tokens.get(key) === token) tokens.delete(key)
    },
  }
}

function flightKey(key: string, urgency: Urgency): string {
  return JSON.stringify([urgency, key])
}

function moreUrgent(urgency: Urgency): readonly Urgency[] {
  return urgencies.slice(0, urgencies.indexOf(urgency))
}
