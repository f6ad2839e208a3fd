import { createExpiringMap, createSingleFlight } from '../../async/index.ts'
import type { Token } from './token-server.ts'

/** Which token is wanted, and how to get one. */
export interface WantedToken {
  /** Realm, service, scope and whose: a token is never given to other credentials. */
  readonly key: string
  /** One that the registry has refused. */
  readonly rejected: string | undefined
  /** Requests under way are shared among those of one kind only: an admission does not wait behind a refresh. */
  readonly kind: string
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
   * The token that is held, if it was not rejected, else that of the one request under way for it, or of a new request.
   * The request is aborted when its last caller leaves.
   * @throws what `ask` throws; the signal's reason where it is aborted.
   */
  obtain(wanted: WantedToken, signal: AbortSignal): Promise<ObtainedToken>
  /** Drops a token that is of no use. */
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
    async obtain({ key, rejected, kind, ask }, signal) {
      const token = tokens.get(key)
      if (token !== undefined && token !== rejected) return { token, fresh: false }
      tokens.delete(key)
      const work = async (flight: AbortSignal): Promise<string> => {
        const asked = await ask(flight)
        tokens.set(key, asked.token, now() + asked.expiresIn - margin)
        return asked.token
      }
      return { token: await flights.run(JSON.stringify([kind, key]), work, signal), fresh: true }
    },
    forget(key, token) {
      if (tokens.get(key) === token) tokens.delete(key)
    },
  }
}
