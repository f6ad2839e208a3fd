import { createBoundedMap, createCounts } from '../../async/index.ts'
import { advice } from '../response/advice.ts'
import { isAhead, remainingRequests, type RemainingRequests } from '../response/rate-limit-headers.ts'
import { isoTime, RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Send } from '../transport/send.ts'
import { hostClaimOf, type HostClaim, type RequestPurpose } from './request.ts'

/** The remaining requests of an account, as the host reported them last. */
export interface Budget extends RemainingRequests {
  readonly account: string
  readonly purpose: RequestPurpose
}

/** The budgets of the accounts at one host: how many requests are left, and which account has to wait. */
export interface Budgets {
  /** The error if a request with this claim would be refused now. */
  refusal(claim: HostClaim): RegistryError | undefined
  /** Counts a request as under way; the result takes its response, or undefined where there is none. */
  spend(claim: HostClaim): (response: RegistryResponse | undefined) => void
  /** Refuses the account until then. */
  pause(account: string, until: number): void
  list(): readonly Budget[]
}

// The last tenth is for admissions and for look-ups that have begun: another refresh can be late, and what is
// known is shown with its age.
const keptFor = 10
// Each credential of each namespace may be an account; those that have not asked for longest are forgotten.
const mostAccounts = 1_000

/** Creates budgets that refuse nothing yet; `now` in epoch milliseconds. */
export function createBudgets(now: () => number): Budgets {
  const pausedAccounts = createUntilReset<{ readonly resetAt: number }>(now)
  const budgets = createUntilReset<Budget>(now)
  const underWay = createCounts<string>()
  return {
    refusal(claim) {
      const { subject } = claim
      const wait = pausedAccounts.get(claim.account)
      if (wait !== undefined) return rateLimited(subject, wait.resetAt)
      const key = keyOf(claim)
      const budget = budgets.get(key)
      if (budget === undefined) return undefined
      const { limit, resetAt } = budget
      // Those under way are not yet in what the host said, or only some of them: none too many is ever sent.
      const left = budget.remaining - underWay.of(key)
      if (left <= 0) return exhausted(subject, limit, resetAt)
      const short = limit !== undefined && left * keptFor < limit
      return short && !claim.mayUseReserve ? reserved(subject, resetAt) : undefined
    },
    spend(claim) {
      const { account, purpose } = claim
      const key = keyOf(claim)
      underWay.add(key, 1)
      return response => {
        underWay.add(key, -1)
        const told = response === undefined ? undefined : remainingRequests(response, now())
        if (told !== undefined) budgets.set(key, { ...told, account, purpose })
      }
    },
    pause(account, until) {
      pausedAccounts.set(account, { resetAt: Math.max(until, pausedAccounts.get(account)?.resetAt ?? 0) })
    },
    list: () => budgets.all(),
  }
}

/** Wraps a send so that each request is counted against the budget of its account, and its response says what is left. */
export function withBudgets(send: Send, budgets: Budgets): Send {
  return async (request, signal) => {
    const spent = budgets.spend(hostClaimOf(request))
    try {
      const response = await send(request, signal)
      spent(response)
      return response
    } catch (error) {
      spent(undefined)
      throw error
    }
  }
}

function keyOf({ account, purpose }: HostClaim): string {
  return `${purpose} ${account}`
}

interface UntilReset<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
  all(): readonly T[]
}

// Values that are dropped once their reset time has come.
function createUntilReset<T extends { readonly resetAt: number }>(now: () => number): UntilReset<T> {
  const values = createBoundedMap<T>(mostAccounts)
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

/** The error for a 429; `subject` is the host's name in messages: `the registry`. */
export function rateLimited(subject: string, retryAt: number): RegistryError {
  return new RegistryError('rate-limited', `${subject} asked to wait until ${isoTime(retryAt)}`, {
    next: advice`${'try-then'}; credentials often raise the limit`,
    retryAt,
  })
}

/** The error if no request is left. */
function exhausted(subject: string, limit: number | undefined, retryAt: number): RegistryError {
  const all = limit === undefined ? 'the requests' : `the ${limit} requests`
  const why = `${all} that ${subject} allows are used up until ${isoTime(retryAt)}`
  return new RegistryError('rate-limited', why, {
    next: advice`${'try-then'}; credentials often raise the limit`,
    retryAt,
  })
}

/** The error if the few requests left are reserved for admissions. */
function reserved(subject: string, retryAt: number): RegistryError {
  const why = `what ${subject} still allows until ${isoTime(retryAt)} is kept for admissions`
  return new RegistryError('rate-limited', why, {
    next: advice`${'try-then'}; credentials often raise the limit`,
    retryAt,
  })
}
