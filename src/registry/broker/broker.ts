import { ExponentialBackoff, fullJitterGenerator, handleWhenResult, noop, retry } from 'cockatiel'
import { orAborted } from '../../async/index.ts'
import { isJsonObject } from '../../json/index.ts'
import { retryAtOf, retryHeaderOf } from '../response/rate-limit-headers.ts'
import type { RegistryError } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'
import type { HostLimits } from '../settings/settings.ts'
import type { RegistryRequest, Send } from '../transport/send.ts'
import { createBudgets, rateLimited, withBudgets, type Budget, type Budgets } from './budgets.ts'
import {
  createCircuit,
  createRepositoryCircuits,
  outOfService,
  withCircuits,
  type CircuitPosition,
  type RepositoryCircuits,
} from './circuit.ts'
import { withHostQueue } from './host-queue.ts'
import {
  attemptOf,
  hostClaimOf,
  ownSubject,
  resultOf,
  type HostClaim,
  type RequestPurpose,
  type RequestOutcome,
} from './request.ts'

/** A request that was sent, however it ended. */
export interface RequestEvent {
  /** The host of the registry that was asked for, which is not always the one that was asked. */
  readonly registry: string
  readonly outcome: RequestOutcome
  /** Time from sending it, without the wait in the queue. */
  readonly milliseconds: number
  readonly method: string
  readonly purpose: RequestPurpose
}

/** The remaining requests of an account, as the host reported them last. */
export interface RegistryBudget {
  readonly registry: string
  readonly account: 'anonymous' | 'credentials'
  readonly purpose: RequestPurpose
  readonly remaining: number
  readonly limit: number | undefined
  /** In epoch milliseconds. */
  readonly resetAt: number
}

/** Sends requests within the limits of each registry: rate, concurrency, `Retry-After`. */
export interface Broker {
  /**
   * Requests of one look-up have the same signal: what is begun is finished before another begins.
   * @throws RegistryError also where nothing was sent: the host asked to wait, failed again and again, or too many wait.
   */
  readonly send: Send
  /** The error if tags cannot be requested now, for a repository or for any, with an account or without one. */
  coolDown(
    registry: Registry,
    asker?: Pick<RegistryRequest, 'account' | 'repository'>,
  ): RegistryError | undefined
  budgets(): readonly RegistryBudget[]
  /** The circuit of each host that was contacted; circuits of single repositories are not included. */
  circuits(): readonly { readonly registry: string; readonly position: CircuitPosition }[]
}

export interface BrokerOptions {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly elapsed: () => number
  readonly onRequest?: (event: RequestEvent) => void
}

interface Host {
  readonly registry: string
  readonly scheduler: HostScheduler
}

/**
 * Wraps the send of a transport in retries around the scheduler of each host. Every origin has its own, also a token server and
 * where a redirect leads: those are other machines with other troubles. There are as many as the configuration allows to contact.
 */
export function createBroker(transport: Send, options: BrokerOptions): Broker {
  const hosts = new Map<string, Host>()
  const begun = new WeakSet<AbortSignal>() // the requests of one look-up have one signal
  const observed = withEvents(transport, options)
  const isBegun = (signal: AbortSignal): boolean => begun.has(signal)

  function schedulerOf({ host, limits }: Registry, { origin }: URL): HostScheduler {
    const known = hosts.get(origin)
    if (known !== undefined) return known.scheduler
    const scheduler = createHostScheduler(observed, { ...options, limits, isBegun })
    hosts.set(origin, { registry: host, scheduler })
    return scheduler
  }

  const send = withRetries((request, signal) =>
    schedulerOf(request.registry, request.url).send(request, signal),
  )

  return {
    async send(request, signal) {
      const response = await send(request, signal)
      begun.add(signal)
      return response
    },
    coolDown(registry, { account = '', repository = '' } = {}) {
      const asked = { purpose: 'tags', mayUseReserve: true, subject: ownSubject } as const
      const refusals = originsOfTags(registry).map(origin =>
        hosts.get(origin)?.scheduler.refusal({ ...asked, account, repository }),
      )
      return refusals.includes(undefined) ? undefined : refusals[0]
    },
    budgets: () => [...hosts.values()].flatMap(budgetsOf),
    circuits: () =>
      [...hosts.values()].map(({ registry, scheduler }) => ({ registry, position: scheduler.circuit() })),
  }
}

/** Wraps a send so that each request is reported, however it ends. */
function withEvents(send: Send, { elapsed, onRequest }: BrokerOptions): Send {
  if (onRequest === undefined) return send
  return async (request, signal) => {
    const began = elapsed()
    const attempt = await attemptOf(send(request, signal), request, signal)
    const { registry, method = 'GET' } = request
    const { purpose } = hostClaimOf(request)
    const { outcome } = attempt
    onRequest({ registry: registry.host, outcome, milliseconds: elapsed() - began, method, purpose })
    return resultOf(attempt)
  }
}

// Where tags are had from the registry's own API or else from its distribution API, either will do.
function originsOfTags({ origin, apiUrl }: Registry): readonly string[] {
  return apiUrl === undefined ? [origin] : [origin, new URL(apiUrl).origin]
}

function budgetsOf({ registry, scheduler }: Host): readonly RegistryBudget[] {
  return scheduler.budgets().map(({ account, ...budget }) => ({
    ...budget,
    registry,
    account: account === '' ? 'anonymous' : 'credentials',
  }))
}

/** Wraps a send so that a failure that may well pass is tried again: three times, or once where an admission waits. */
function withRetries(send: Send): Send {
  return async (request, signal) => {
    const policy = retryPolicyOf(request)
    const attempts = policy.execute(() => attemptOf(send(request, signal), request, signal), signal)
    // The wait between two attempts does not heed the signal.
    return resultOf(await orAborted(attempts, signal))
  }
}

const isTransient = handleWhenResult(result => isJsonObject(result) && result['transient'] === true)
// 0 to 0.5 s, 0 to 1 s, 0 to 2 s: a registry that restarts is back, and those that failed together do not come together.
const backgroundRetry = retry(isTransient, {
  maxAttempts: 3,
  backoff: new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: 500, maxDelay: 2_000 }),
})
// An admission waits, and for less than a second in all.
const urgentRetry = retry(isTransient, {
  maxAttempts: 1,
  backoff: new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: 100, maxDelay: 100 }),
})

function retryPolicyOf({ method, urgency }: RegistryRequest): typeof backgroundRetry | typeof noop {
  if (method === 'POST') return noop // what it does twice it may have done twice
  return urgency === undefined || urgency === 'refresh' ? backgroundRetry : urgentRetry
}

/** Schedules the requests to one host: rate, concurrency, priority, `Retry-After`. */
export interface HostScheduler {
  /** @throws RegistryError also where nothing was sent: the host asked to wait, failed again and again, or too many wait. */
  readonly send: Send
  /** The error if a request with this claim would be refused now. */
  refusal(claim: HostClaim): RegistryError | undefined
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

/** Wraps a send in the queue, the circuits and the budgets of one host. */
export function createHostScheduler(inner: Send, options: HostSchedulerOptions): HostScheduler {
  const { limits, now } = options
  const budgets = createBudgets(now)
  const repositories = createRepositoryCircuits(now)
  // While a probe is in progress, other requests wait for its response.
  const host = createCircuit({
    of: 'host',
    now,
    onChange: position => queue.limitTo(position === 'closed' ? limits.concurrency : 1),
  })
  const refusal = (claim: HostClaim): RegistryError | undefined =>
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
    const { account, repository, subject } = hostClaimOf(request)
    if (response.status === 429) {
      budgets.pause(account, retryAt)
      throw rateLimited(subject, retryAt)
    }
    repositories.pause(repository, retryAt)
    throw outOfService(subject, retryAt)
  }
}
