import { createHash } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import { KubernetesError } from './kubernetes-error.ts'
import { reviewRead } from './review-read.ts'

/** Whether the bearer of a token may read a path. `unavailable`: that cannot be found out now. */
export type ReadDecision = 'allowed' | 'unauthenticated' | 'forbidden' | 'unavailable'

/** Decides by the API server who may read, as its RBAC says. */
export interface ReadAccess {
  /** Never rejects. Remembers answers for a short time. */
  mayRead(token: string | undefined, path: string): Promise<ReadDecision>
}

/** Whom to ask; `now` in milliseconds. */
export interface ReadAccessOptions {
  readonly kubeConfig: KubeConfig
  readonly now: () => number
  /** Why the API server could not be asked; told once until it can. */
  readonly onProblem: (problem: KubernetesError) => void
}

// A scrape each minute costs one review of each kind; whose right was taken away reads on for as long.
const allowedFor = 60_000
// Whoever has just been given the right wants to see it.
const deniedFor = 10_000
// While the API server cannot be asked, who was allowed a moment ago still is: monitoring is wanted most just then.
const allowedStale = 5 * 60_000
// A handful of Prometheus servers and people; apart, so that made-up tokens push out none that is good.
const mostRemembered = 1_000
// Anybody who reaches the port can make up tokens, and each costs the API server a review.
const reviewsPerSecond = 10
const mostAtOnce = 20

/** A read access with empty memory. */
export function createReadAccess(options: ReadAccessOptions): ReadAccess {
  const { now, onProblem } = options
  const allowed = createMemory(now)
  const denied = createMemory(now)
  const underWay = new Map<string, Promise<ReadDecision>>()
  const budget = createBudget(now)
  let isTold = false

  async function review(key: string, token: string, path: string): Promise<ReadDecision> {
    const fallback = allowed.get(key, allowedStale) ?? 'unavailable'
    if (!budget.take()) return fallback
    try {
      const decision = await reviewRead(options.kubeConfig, { token, path })
      isTold = false
      const memory = decision === 'allowed' ? allowed : denied
      memory.set(key, decision)
      if (decision !== 'allowed') allowed.delete(key)
      return decision
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (!isTold) onProblem(error)
      isTold = true
      return fallback
    }
  }

  return {
    async mayRead(token, path) {
      if (token === undefined || token === '') return 'unauthenticated'
      // No token is kept, not even in memory.
      const key = createHash('sha256')
        .update(JSON.stringify([token, path]))
        .digest('base64')
      const known = allowed.get(key, allowedFor) ?? denied.get(key, deniedFor)
      if (known !== undefined) return known
      const reviewing = underWay.get(key) ?? review(key, token, path).finally(() => underWay.delete(key))
      underWay.set(key, reviewing)
      return reviewing
    },
  }
}

function createMemory(now: () => number) {
  const entries = new Map<string, { readonly decision: ReadDecision; readonly at: number }>()
  return {
    get(key: string, life: number): ReadDecision | undefined {
      const entry = entries.get(key)
      return entry === undefined || now() - entry.at >= life ? undefined : entry.decision
    },
    set(key: string, decision: ReadDecision): void {
      entries.delete(key)
      entries.set(key, { decision, at: now() })
      const [oldest] = entries.keys()
      if (entries.size > mostRemembered && oldest !== undefined) entries.delete(oldest)
    },
    delete: (key: string) => void entries.delete(key),
  }
}

function createBudget(now: () => number) {
  let left = mostAtOnce
  let at = now()
  return {
    take(): boolean {
      const time = now()
      left = Math.min(mostAtOnce, left + ((time - at) / 1000) * reviewsPerSecond)
      at = time
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
