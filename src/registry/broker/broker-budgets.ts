import { LRUCache } from 'lru-cache'

import { createCounts } from '../../async/index.ts'
import type { Answer } from '../response/answer.ts'
import type { RegistryFault } from '../response/fault.ts'
import { remainingRequests, type RemainingRequests } from '../response/rate-limit-headers.ts'
import { isAhead } from '../response/retry-after.ts'
import { keptBack, rateLimited, usedUp } from './broker-faults.ts'

/** What is asked for. A host counts these apart: Docker Hub sends its count of pulls with manifests only, and tag lists are free. */
export type Purpose = 'tags' | 'manifest' | 'token'

/** Who asks, and for what. */
export interface Asking {
  readonly account: string
  readonly purpose: Purpose
  /** Whether it may take from what is kept: somebody waits for it, or it has cost requests that would be lost. */
  readonly mayUseReserve: boolean
}

/** What an account has left, as the host said last. */
export interface Budget extends RemainingRequests {
  readonly account: string
  readonly purpose: Purpose
}

/** What a host lets each account do: how many requests are left, and who was told to wait. */
export interface Budgets {
  /** Why this is not asked now; `subject` is who is meant: `the registry`. */
  refusal(asking: Asking, subject: string): RegistryFault | undefined
  /** A request goes out; what this gives takes what its answer says, or that there was none. */
  spend(asking: Asking): (answer: Answer | undefined) => void
  /** The account was told to wait until then. */
  quiet(account: string, until: number): void
  list(): readonly Budget[]
}

// The last tenth is for those who wait for an answer and for what is half done: another refresh can be late, and what is
// known is shown with its age.
const keptFor = 10
// Each credential of each namespace may be an account; those that have not asked for longest are forgotten.
const mostAccounts = 1_000

/** Budgets of which nothing is known yet; `now` in epoch milliseconds. */
export function createBudgets(now: () => number): Budgets {
  const quiet = createPassing<{ readonly resetAt: number }>(now)
  const budgets = createPassing<Budget>(now)
  const underWay = createCounts<string>()
  return {
    refusal(asking, subject) {
      const wait = quiet.get(asking.account)
      if (wait !== undefined) return rateLimited(subject, wait.resetAt)
      const key = keyOf(asking)
      const budget = budgets.get(key)
      if (budget === undefined) return undefined
      const { limit, resetAt } = budget
      // Those under way are not yet in what the host said, or only some of them: none too many is ever sent.
      const left = budget.remaining - underWay.of(key)
      if (left <= 0) return usedUp(subject, limit, resetAt)
      const short = limit !== undefined && left * keptFor < limit
      return short && !asking.mayUseReserve ? keptBack(subject, resetAt) : undefined
    },
    spend(asking) {
      const { account, purpose } = asking
      const key = keyOf(asking)
      underWay.add(key, 1)
      return answer => {
        underWay.add(key, -1)
        const told = answer === undefined ? undefined : remainingRequests(answer, now())
        if (told !== undefined) budgets.set(key, { ...told, account, purpose })
      }
    },
    quiet(account, until) {
      quiet.set(account, { resetAt: Math.max(until, quiet.get(account)?.resetAt ?? 0) })
    },
    list: () => budgets.all(),
  }
}

function keyOf({ account, purpose }: Asking): string {
  return `${purpose} ${account}`
}

interface Passing<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
  all(): readonly T[]
}

// What holds until it says.
function createPassing<T extends { readonly resetAt: number }>(now: () => number): Passing<T> {
  const values = new LRUCache<string, T>({ max: mostAccounts })
  function get(key: string): T | undefined {
    const value = values.peek(key)
    if (value === undefined || isAhead(value.resetAt, now())) return value
    values.delete(key)
    return undefined
  }
  return {
    get,
    set: (key, value) => void values.set(key, value),
    all: () => [...values.rkeys()].flatMap(key => get(key) ?? []),
  }
}
