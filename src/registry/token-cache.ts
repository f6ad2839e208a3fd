/** Tokens in memory until shortly before they expire. */
export interface TokenCache {
  get(key: string): string | undefined
  /** Keeps a token; `expiresIn` in milliseconds from now. */
  set(key: string, token: string, expiresIn: number): void
  delete(key: string): void
}

// A page that is asked for in the last moment of a token must still arrive with it.
const margin = 10_000
// One token of some KB for each repository in a cycle; those of walks that ended are the oldest.
const mostTokens = 1_000

/** An empty cache; `now` in epoch milliseconds. */
export function createTokenCache(now: () => number): TokenCache {
  const tokens = new Map<string, { readonly token: string; readonly until: number }>()
  return {
    get(key) {
      const held = tokens.get(key)
      if (held === undefined || held.until > now()) return held?.token
      tokens.delete(key)
      return undefined
    },
    set(key, token, expiresIn) {
      tokens.delete(key)
      if (expiresIn <= margin) return
      tokens.set(key, { token, until: now() + expiresIn - margin })
      const [oldest] = tokens.keys()
      if (tokens.size > mostTokens && oldest !== undefined) tokens.delete(oldest)
    },
    delete(key) {
      tokens.delete(key)
    },
  }
}
