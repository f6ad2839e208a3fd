import { createExpiringMap } from '../../async/index.ts'
import { NameError, type ResolvedName } from './name.ts'

/** Remembers what names led to, and makes one question of several at a time. */
export interface NameMemory {
  /** @throws NameError, also where it is remembered that there was one. */
  get(key: string, resolve: () => Promise<ResolvedName>): Promise<readonly string[]>
}

type Held = { readonly addresses: readonly string[] } | { readonly error: NameError }

// A registry that moves should not be asked at its old address for long; a new connection is made every few seconds.
const longestHeld = 30_000
// A name that is missing, or whose server is stuck, costs one question in this time and not one for each request.
const failureHeld = 30_000
// Registries are a list of a few dozen; redirects of registry.k8s.io add one host per region.
const mostNames = 1_000

/** A memory that is bounded; `now` gives epoch milliseconds. */
export function createNameMemory(now: () => number): NameMemory {
  const held = createExpiringMap<Held>({ max: mostNames, now })
  const asking = new Map<string, Promise<readonly string[]>>()

  async function ask(key: string, resolve: () => Promise<ResolvedName>): Promise<readonly string[]> {
    try {
      const { addresses, holds } = await resolve()
      held.set(key, { addresses }, now() + Math.min(holds, longestHeld))
      return addresses
    } catch (error) {
      if (error instanceof NameError) held.set(key, { error }, now() + failureHeld)
      throw error
    } finally {
      asking.delete(key)
    }
  }

  return {
    get(key, resolve) {
      const known = held.get(key)
      if (known !== undefined)
        return 'error' in known ? Promise.reject(known.error) : Promise.resolve(known.addresses)
      const answer = asking.get(key) ?? ask(key, resolve)
      asking.set(key, answer)
      return answer
    },
  }
}
