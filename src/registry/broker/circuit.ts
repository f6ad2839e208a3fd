import { createBoundedMap } from '../../async/index.ts'
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhenResult,
  type CircuitBreakerPolicy,
} from 'cockatiel'

import { isJsonObject } from '../../json/index.ts'
import { advice, type Advice } from '../response/advice.ts'
import { isAhead } from '../response/rate-limit-headers.ts'
import { isoTime, RegistryError } from '../response/registry-error.ts'
import type { Send } from '../transport/send.ts'
import { attemptOf, hostClaimOf, resultOf, type Attempt, type HostClaim, type Failed } from './request.ts'

export type CircuitPosition = 'closed' | 'open' | 'half-open'

/** A circuit breaker with half-open probes, for a host or for one repository. */
export interface Circuit {
  position(): CircuitPosition
  /** The error if the circuit lets no request pass now; `subject` is its name in messages: `the registry`. */
  refusal(subject: string): RegistryError | undefined
  /** @throws RegistryError where another request found it still failing. */
  run(subject: string, work: () => Promise<Attempt>): Promise<Attempt>
}

interface CircuitOptions {
  /** The failures that count: those of a host, or those of a repository on a host that answers. */
  readonly of: Failed
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onChange?: (position: CircuitPosition) => void
}

/** Wraps a send in the circuit of its host and those of its repositories. */
export function withCircuits(
  send: Send,
  { host, repositories }: { readonly host: Circuit; readonly repositories: RepositoryCircuits },
): Send {
  return async (request, signal) => {
    const claim = hostClaimOf(request)
    const ask = (): Promise<Attempt> => attemptOf(send(request, signal), request, signal)
    return resultOf(await host.run(claim.subject, () => repositories.run(claim, ask)))
  }
}

// One request with all its repetitions fails four times: a second one, of another repository, must agree.
const mostFailures = 5
// Between half of it and all, so that replicas do not ask together; doubled each time. The first comes when a registry that
// restarts is back, and one that was away for long is noticed within a minute.
const waits = { initialDelay: 5_000, maxDelay: 60_000 }

const positions: Readonly<Record<CircuitState, CircuitPosition>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
}

/** Creates a circuit, which is closed at first. */
export function createCircuit({ of, now, onChange }: CircuitOptions): Circuit {
  const breaker = new ConsecutiveBreaker(mostFailures)
  let retryAt = 0
  let last: Cause = { reason: '', next: '', cause: undefined }
  const policy = createPolicy({ of, breaker }, wait => {
    retryAt = now() + wait + 1 // cockatiel reads the clock once more
  })
  policy.onStateChange(state => onChange?.(positions[state]))

  function broken(subject: string): RegistryError {
    const until = isoTime(retryAt)
    const { reason, next, cause } = last
    const [here, forIt] = scopes[of]
    const why = `${subject} failed ${breaker.state} times in a row${here} (${reason}) and is not asked${forIt} before ${until}`
    return new RegistryError('unavailable', why, { next, retryAt, cause })
  }

  return {
    position: () => positions[policy.state],
    refusal(subject) {
      // For the answer about a whole host it pays to wait; of a repository it would take places that others need.
      if (of === 'repository' && policy.state === CircuitState.HalfOpen) return broken(subject)
      if (policy.state !== CircuitState.Open || retryAt <= now()) return undefined
      if (isAhead(retryAt, now())) return broken(subject)
      policy.isolate().dispose() // closes it: the clock was turned back, and it would wait until it is where it was
      return undefined
    },
    async run(subject, work) {
      try {
        return await policy.execute(async () => {
          const attempt = await work()
          if (attempt.failed === of) last = causeOf(attempt)
          return attempt
        })
      } catch (error) {
        throw error instanceof BrokenCircuitError ? broken(subject) : error
      }
    },
  }
}

function createPolicy(
  { of, breaker }: { readonly of: Failed; readonly breaker: ConsecutiveBreaker },
  onOpen: (wait: number) => void,
): CircuitBreakerPolicy {
  const isFailure = (result: unknown): boolean =>
    isJsonObject(result) &&
    // A probe that was given up, or did not get there, has not shown that what it was for is back.
    (result['failed'] === of || (policy.state === CircuitState.HalfOpen && showsNothing(result, of)))
  const policy = circuitBreaker(handleWhenResult(isFailure), {
    breaker,
    halfOpenAfter: new ExponentialBackoff<number>({
      ...waits,
      generator(state, options) {
        const [wait, next] = halfJitterGenerator(state, options)
        onOpen(wait)
        return [wait, next]
      },
    }),
  })
  return policy
}

function showsNothing(result: Readonly<Record<string, unknown>>, of: Failed): boolean {
  return result['outcome'] === 'stopped' || (of === 'repository' && result['failed'] === 'host')
}

const scopes: Readonly<Record<Failed, readonly [here: string, forIt: string]>> = {
  host: ['', ''],
  repository: [' for this repository', ' for it'],
}

interface Cause {
  readonly reason: string
  readonly next: Advice
  readonly cause: unknown
}

function causeOf({ error, response }: Attempt): Cause {
  if (error instanceof RegistryError) return { reason: error.message, next: error.advice, cause: error.cause }
  return {
    reason: `it answered ${String(response?.status)}`,
    next: advice`${'try-then'}`,
    cause: undefined,
  }
}

/** The circuit breakers of single repositories, so that a broken project does not take down the others of its host. */
export interface RepositoryCircuits {
  /** The error if the repository's circuit lets no request pass now. */
  refusal(claim: HostClaim): RegistryError | undefined
  /** @throws RegistryError where another request found it still failing. */
  run(claim: HostClaim, work: () => Promise<Attempt>): Promise<Attempt>
  /** Refuses requests about the repository until then, as the host asked. */
  pause(repository: string, until: number): void
}

interface State {
  readonly circuit: Circuit
  readonly outUntil: number | undefined
}

// Only those that fail are held. Repository names come from outside: one that is forgotten is asked for a few times more.
const mostRepositories = 1_000

/** Creates the circuits of a host's repositories; `now` in epoch milliseconds. */
export function createRepositoryCircuits(now: () => number): RepositoryCircuits {
  const failing = createBoundedMap<State>(mostRepositories)

  function keep(repository: string, change: Partial<State>): State {
    const closed = { circuit: createCircuit({ of: 'repository', now }), outUntil: undefined }
    const state = { ...(failing.get(repository) ?? closed), ...change }
    failing.set(repository, state)
    return state
  }

  // A request that was sent before the others failed: what came of it counts as long as the circuit is not open.
  async function note({ repository, subject }: HostClaim, attempt: Attempt): Promise<void> {
    const { circuit } = keep(repository, {})
    if (circuit.position() === 'closed') await circuit.run(subject, async () => attempt)
  }

  return {
    refusal({ repository, subject }) {
      const state = failing.get(repository)
      if (state === undefined) return undefined
      if (isAhead(state.outUntil, now())) return outOfService(subject, state.outUntil)
      return state.circuit.refusal(subject)
    },
    async run(claim, work) {
      const state = failing.get(claim.repository)
      if (state === undefined) {
        const attempt = await work()
        if (attempt.failed === 'repository') await note(claim, attempt)
        return attempt
      }
      const attempt = await state.circuit.run(claim.subject, work)
      const isBack = attempt.response !== undefined && attempt.failed === undefined
      if (isBack && failing.get(claim.repository) === state) failing.delete(claim.repository)
      return attempt
    },
    pause(repository, until) {
      keep(repository, { outUntil: until })
    },
  }
}

/** The error for a 503 with a time. */
export function outOfService(subject: string, retryAt: number): RegistryError {
  return new RegistryError('unavailable', `${subject} is out of service until ${isoTime(retryAt)}`, {
    next: advice`${'try-then'}`,
    retryAt,
  })
}
