import { retryAtOf, retryHeaderOf } from '../response/rate-limit-headers.ts'
import type { RegistryError } from '../response/registry-error.ts'
import type { HostLimits } from '../settings/settings.ts'
import type { Send } from '../transport/send.ts'
import { createBudgets, rateLimited, withBudgets, type Budget, type Budgets } from './budgets.ts'
import {
  createCircuit,
  createRepositoryCircuits,
  outOfService,
  withCircuits,
  type CircuitPosition,
  type RepositoryCircuits,
} from './circuit.ts'
import { claimOf, type Claim } from './claim.ts'
import { withHostQueue } from './host-queue.ts'

/** Schedules the requests to one host: its rate, its concurrency, who goes first, and when it asked not to be asked. */
export interface HostScheduler {
  /** @throws RegistryError also where nothing was sent: the host asked to wait, failed again and again, or too many wait. */
  readonly send: Send
  /** Why a request with this claim would not be sent now. */
  refusal(claim: Claim): RegistryError | undefined
  budgets(): readonly Budget[]
  circuit(): CircuitPosition
}

export interface HostSchedulerOptions {
  readonly limits: HostLimits
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly elapsed: () => number
  /** Whether another request of the look-up with this signal has its response already. */
  readonly isBegun: (signal: AbortSignal) => boolean
}

/** Wraps a send in all that one host wants: a queue, its circuits, its budgets. */
export function createHostScheduler(inner: Send, options: HostSchedulerOptions): HostScheduler {
  const { limits, now } = options
  const budgets = createBudgets(now)
  const repositories = createRepositoryCircuits(now)
  // While the host is asked whether it is back, the others wait for that one's response.
  const host = createCircuit({
    of: 'host',
    now,
    onChange: position => queue.limitTo(position === 'closed' ? limits.concurrency : 1),
  })
  const refusal = (claim: Claim): RegistryError | undefined =>
    host.refusal(claim.subject) ?? repositories.refusal(claim) ?? budgets.refusal(claim)
  const paced = withRetryAfter(withBudgets(inner, budgets), { now, budgets, repositories })
  const queue = withHostQueue(withCircuits(paced, { host, repositories }), { ...options, refusal })
  return { send: queue.send, refusal, budgets: () => budgets.list(), circuit: () => host.position() }
}

interface RetryAfterParts {
  readonly now: () => number
  readonly budgets: Budgets
  readonly repositories: RepositoryCircuits
}

/**
 * Wraps a send so that a 429, or a 503 with a time, is an error: the first means the account, the second the repository, and
 * neither is asked about before that time.
 */
function withRetryAfter(send: Send, { now, budgets, repositories }: RetryAfterParts): Send {
  return async (request, signal) => {
    const response = await send(request, signal)
    const header = retryHeaderOf(response)
    if (response.status !== 429 && (response.status !== 503 || header === undefined)) return response
    const retryAt = retryAtOf(header, now())
    const { account, repository, subject } = claimOf(request)
    if (response.status === 429) {
      budgets.pause(account, retryAt)
      throw rateLimited(subject, retryAt)
    }
    repositories.pause(repository, retryAt)
    throw outOfService(subject, retryAt)
  }
}
