import type { Place } from '../../async/index.ts'
import type { Urgency } from '../../evaluation/index.ts'
import { retryAtOf, retryHeaderOf } from '../response/rate-limit-headers.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { HostLimits } from '../settings/settings.ts'
import type { Request, Transport } from '../transport/transport.ts'
import { attemptOfResponse, attemptOfError, type Attempt, type RequestOutcome } from './attempt.ts'
import { createBudgets, rateLimited, type BudgetClaim, type Budget } from './budgets.ts'
import {
  createCircuit,
  createRepositoryCircuits,
  outOfService,
  type CircuitPosition,
  type RepositorySubject,
} from './circuit.ts'
import { createHostQueue } from './host-queue.ts'

/** What a lane needs to know of a request beside what is sent. */
export interface ScheduledRequest extends BudgetClaim, RepositorySubject {
  readonly request: Request
  readonly urgency: Urgency
  /** Whose object waits for it: namespaces take turns. */
  readonly namespace: string | undefined
  /** Whether another request of the same look-up was answered already: it goes before those that have not begun. */
  readonly begun: boolean
}

type Enquiry = BudgetClaim & RepositorySubject

/** The way to one host: so many requests a second, so many under way, the urgent first, and none that it asked us not to send. */
export interface HostScheduler {
  /** Why this would not be sent now. */
  refusal(errand: Enquiry): RegistryError | undefined
  /**
   * Waits for a turn and sends once.
   * @throws RegistryFault where nothing was sent; the signal's reason where it was aborted.
   */
  send(errand: ScheduledRequest, signal: AbortSignal): Promise<Attempt>
  budgets(): readonly Budget[]
  circuit(): CircuitPosition
}

export interface HostSchedulerOptions {
  readonly transport: Transport
  readonly limits: HostLimits
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly elapsed: () => number
  readonly onSent: (errand: ScheduledRequest, outcome: RequestOutcome, milliseconds: number) => void
}

// At 20 a second the last of a thousand waits for 50 s, which is nearly as long as a look-up may take. What is urgent finds
// room beyond that.
const mostWaiting: Readonly<Record<Urgency, number>> = {
  refresh: 1_000,
  'first-look-up': 1_100,
  admission: 1_200,
}

/** A lane on which nothing was sent yet. */
export function createHostScheduler(options: HostSchedulerOptions): HostScheduler {
  const { transport, limits, now, elapsed, onSent } = options
  const budgets = createBudgets(now)
  const line = createHostQueue(limits, elapsed)
  // While the host is asked whether it is back, the others wait for that one's answer.
  const onChange = (position: CircuitPosition): void => line.limitTo(position !== 'closed')
  const circuit = createCircuit({ of: 'host', now, onChange })
  const repositories = createRepositoryCircuits(now)

  function refusal(errand: Enquiry): RegistryError | undefined {
    const { subject } = errand
    return circuit.refusal(subject) ?? repositories.refusal(errand) ?? budgets.refusal(errand, subject)
  }

  async function exchange(errand: ScheduledRequest, signal: AbortSignal): Promise<Attempt> {
    const began = elapsed()
    const spent = budgets.spend(errand)
    const attempt = await attemptOf(transport.send(errand.request, signal), errand.request, signal)
    spent(attempt.response)
    onSent(errand, attempt.outcome, elapsed() - began)
    const wait = waitOf(errand, attempt, now())
    if (wait === undefined) return attempt
    if (attempt.outcome === 'rate-limited') budgets.pause(errand.account, wait.retryAt)
    else repositories.pause(errand.repository, wait.retryAt)
    return { ...attempt, response: undefined, error: wait.fault, passing: false }
  }

  return {
    refusal,
    budgets: () => budgets.list(),
    circuit: () => circuit.position(),
    async send(errand, signal) {
      const refused = refusal(errand)
      if (refused !== undefined) throw refused
      if (line.size() >= mostWaiting[errand.urgency]) throw queueFull(errand.subject, line.size())
      return line.wait({ ...placeOf(errand), refusal: () => refusal(errand), signal }, async inner => {
        const ask = (): Promise<Attempt> => repositories.run(errand, () => exchange(errand, inner))
        const attempt = await circuit.run(errand.subject, ask)
        // Who waits is refused if this would be, were it the least urgent: to look at a thousand after each answer is dear.
        if (refusal({ ...errand, mayUseReserve: false }) !== undefined) line.evictRefused()
        return attempt
      })
    },
  }
}

// Pages of a walk come one after another: were all walks of a namespace to go on in turns, the slow ones would all be late
// together.
function placeOf({ urgency, namespace, begun }: ScheduledRequest): Place<Urgency> {
  return { rank: urgency, share: namespace, ahead: begun }
}

function attemptOf(sent: Promise<RegistryResponse>, request: Request, signal: AbortSignal): Promise<Attempt> {
  return sent.then(
    response => attemptOfResponse(response, request.authorization !== undefined),
    (error: unknown) => attemptOfError(error, signal.aborted),
  )
}

/** How long the host wants to be left alone by its answer: 429 means the account, 503 with a time the repository. */
function waitOf(
  { subject }: ScheduledRequest,
  { response }: Attempt,
  now: number,
): { readonly retryAt: number; readonly fault: RegistryError } | undefined {
  if (response === undefined) return undefined
  const header = retryHeaderOf(response)
  const retryAt = retryAtOf(header, now)
  if (response.status === 429) return { retryAt, fault: rateLimited(subject, retryAt) }
  return response.status === 503 && header !== undefined
    ? { retryAt, fault: outOfService(subject, retryAt) }
    : undefined
}

/** Too many wait already. */
function queueFull(subject: string, waiting: number): RegistryError {
  return new RegistryError('unavailable', `${waiting} requests to ${subject} are waiting already`, {
    next: 'it is asked again later; if its limits are higher, say so as limits under registries',
  })
}
