import { ExponentialBackoff, fullJitterGenerator, handleWhenResult, noop, retry } from 'cockatiel'

import { orAborted } from '../../async/index.ts'
import type { Turn } from '../../evaluation/index.ts'
import { isJsonObject } from '../../json/index.ts'
import { shown, type RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { Request, Transport } from '../transport/transport.ts'
import type { RequestOutcome } from './attempt.ts'
import type { Purpose } from './budgets.ts'
import type { CircuitPosition } from './circuit.ts'
import {
  createHostScheduler,
  type ScheduledRequest,
  type HostScheduler,
  type HostSchedulerOptions,
} from './host-scheduler.ts'

/** A request with what decides about its turn. */
export interface SentRequest extends Request, Turn {
  /** Which one it is about; empty where it is about none. */
  readonly repository?: string
  /** Whose budget it takes from: tells credentials of one host apart and is no secret; empty for none. */
  readonly account?: string
}

/** A request that was sent, however it ended. */
export interface RequestEvent {
  /** The host of the registry that was asked for, which is not always the one that was asked. */
  readonly registry: string
  readonly outcome: RequestOutcome
  /** From sending it; the wait for a turn is not in it. */
  readonly milliseconds: number
  readonly method: string
  readonly purpose: Purpose
}

/** What an account of a registry has left, as its host said last. */
export interface RegistryBudget {
  readonly registry: string
  readonly account: 'anonymous' | 'credentials'
  readonly purpose: Purpose
  readonly remaining: number
  readonly limit: number | undefined
  /** In epoch milliseconds. */
  readonly resetAt: number
}

/** Sends requests as the registries want them: so many a second, a few at a time, and none before the time that they named. */
export interface Broker {
  /**
   * The answer to a request. Those of one look-up have the same signal: what is begun is finished before another begins.
   * @throws RegistryFault also where nothing was sent: the host asked to wait, failed again and again, or too many wait.
   */
  send(request: SentRequest, signal: AbortSignal): Promise<RegistryResponse>
  /** Why no tags are asked for, of a repository or of any, on behalf of an account or of none, while that holds. */
  coolDown(registry: Registry, asker?: Pick<SentRequest, 'account' | 'repository'>): RegistryError | undefined
  budgets(): readonly RegistryBudget[]
  /** The hosts that were asked, and whether they can be reached: a repository that fails alone is none of them. */
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
  readonly lane: HostScheduler
}

/**
 * A broker over a transport. Every origin has a lane of its own, also a token server and where a redirect leads: those are other
 * machines with other troubles. There are as many as the configuration allows to contact.
 */
export function createBroker(transport: Transport, { now, elapsed, onRequest }: BrokerOptions): Broker {
  const hosts = new Map<string, Host>()
  const begun = new WeakSet<AbortSignal>() // the requests of one look-up have one signal
  const onSent: HostSchedulerOptions['onSent'] = (...sent) => onRequest?.(eventOf(...sent))

  function schedulerOf({ host, limits }: Registry, origin: string): HostScheduler {
    const known = hosts.get(origin)
    if (known !== undefined) return known.lane
    const lane = createHostScheduler({ transport, limits, now, elapsed, onSent })
    hosts.set(origin, { registry: host, lane })
    return lane
  }

  return {
    async send(request, signal) {
      const errand = scheduledRequestOf(request, begun.has(signal))
      const lane = schedulerOf(request.registry, request.url.origin)
      const attempts = retryPolicyOf(request).execute(() => lane.send(errand, signal), signal)
      // The wait between two attempts does not heed the signal.
      const { response, error } = await orAborted(attempts, signal)
      if (response === undefined) throw error
      begun.add(signal)
      return response
    },
    coolDown(registry, { account = '', repository = '' } = {}) {
      const asking = {
        account,
        repository,
        purpose: 'tags',
        mayUseReserve: true,
        subject: ownSubject,
      } as const
      const refusals = originsOfTags(registry).map(origin => hosts.get(origin)?.lane.refusal(asking))
      return refusals.includes(undefined) ? undefined : refusals[0]
    },
    budgets: () => [...hosts.values()].flatMap(budgetsOf),
    circuits: () => [...hosts.values()].map(({ registry, lane }) => ({ registry, position: lane.circuit() })),
  }
}

const mayPass = handleWhenResult(result => isJsonObject(result) && result['passing'] === true)
// 0 to 0.5 s, 0 to 1 s, 0 to 2 s: a registry that restarts is back, and those that failed together do not come together.
const backgroundRetry = retry(mayPass, {
  maxAttempts: 3,
  backoff: new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: 500, maxDelay: 2_000 }),
})
// Somebody waits, and for less than a second in all.
const urgentRetry = retry(mayPass, {
  maxAttempts: 1,
  backoff: new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: 100, maxDelay: 100 }),
})

function retryPolicyOf({ method, urgency }: SentRequest): typeof backgroundRetry | typeof noop {
  if (method === 'POST') return noop // what it does twice it may have done twice
  return urgency === undefined || urgency === 'refresh' ? backgroundRetry : urgentRetry
}

const ownSubject = 'the registry'

function scheduledRequestOf(request: SentRequest, begun: boolean): ScheduledRequest {
  const { urgency = 'refresh', namespace, account = '', repository = '', registry, url } = request
  const mayUseReserve = begun || urgency !== 'refresh'
  const subject = subjectOf(registry, url)
  const asking = { account, repository, mayUseReserve, purpose: purposeOf(url), subject }
  return { ...asking, request, urgency, namespace, begun }
}

function subjectOf(registry: Registry, url: URL): string {
  if (url.origin === registry.origin) return ownSubject
  return url.host === registry.tokenHost ? 'its token server' : shown(url.host)
}

function purposeOf({ pathname }: URL): Purpose {
  if (pathname.includes('/manifests/')) return 'manifest'
  return /token|auth|login/.test(pathname) && !/\/tags(?:\/|$)/.test(pathname) ? 'token' : 'tags'
}

// Where tags are had from the registry's own API or else from its distribution API, either will do.
function originsOfTags({ origin, apiUrl }: Registry): readonly string[] {
  return apiUrl === undefined ? [origin] : [origin, new URL(apiUrl).origin]
}

function budgetsOf({ registry, lane }: Host): readonly RegistryBudget[] {
  return lane.budgets().map(({ account, ...budget }) => ({
    ...budget,
    registry,
    account: account === '' ? 'anonymous' : 'credentials',
  }))
}

function eventOf(
  { request, purpose }: ScheduledRequest,
  outcome: RequestOutcome,
  milliseconds: number,
): RequestEvent {
  const { registry, method = 'GET' } = request
  return { registry: registry.host, outcome, milliseconds, method, purpose }
}
