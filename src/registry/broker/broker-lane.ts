import type { Place } from '../../async/index.ts'
import type { Urgency } from '../../evaluation/index.ts'
import type { Answer } from '../response/answer.ts'
import type { RegistryFault } from '../response/fault.ts'
import { retryAtOf, retryHeaderOf } from '../response/retry-after.ts'
import type { HostLimits } from '../settings/settings.ts'
import type { Request, Transport } from '../transport/transport.ts'
import { answered, notAnswered, type Attempt, type RequestOutcome } from './broker-attempt.ts'
import { createBudgets, type Asking, type Budget } from './broker-budgets.ts'
import { crowded, outOfService, rateLimited } from './broker-faults.ts'
import { createLine } from './broker-line.ts'
import { createCircuit, type CircuitPosition } from './circuit.ts'
import { createRepositoryCircuits, type RepositoryAsking } from './repository-circuits.ts'

/** What a lane needs to know of a request beside what is sent. */
export interface Errand extends Asking, RepositoryAsking {
  readonly request: Request
  readonly urgency: Urgency
  /** Whose object waits for it: namespaces take turns. */
  readonly namespace: string | undefined
  /** Whether another request of the same look-up was answered already: it goes before those that have not begun. */
  readonly begun: boolean
}

type Enquiry = Asking & RepositoryAsking

/** The way to one host: so many requests a second, so many under way, the urgent first, and none that it asked us not to send. */
export interface Lane {
  /** Why this would not be sent now. */
  refusal(errand: Enquiry): RegistryFault | undefined
  /**
   * Waits for a turn and sends once.
   * @throws RegistryFault where nothing was sent; the signal's reason where it was aborted.
   */
  send(errand: Errand, signal: AbortSignal): Promise<Attempt>
  budgets(): readonly Budget[]
  circuit(): CircuitPosition
}

export interface LaneOptions {
  readonly transport: Transport
  readonly limits: HostLimits
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly elapsed: () => number
  readonly onSent: (errand: Errand, outcome: RequestOutcome, milliseconds: number) => void
}

// At 20 a second the last of a thousand waits for 50 s, which is nearly as long as a look-up may take. What is urgent finds
// room beyond that.
const mostWaiting: Readonly<Record<Urgency, number>> = {
  refresh: 1_000,
  'first-look-up': 1_100,
  admission: 1_200,
}

/** A lane on which nothing was sent yet. */
export function createLane({ transport, limits, now, elapsed, onSent }: LaneOptions): Lane {
  const budgets = createBudgets(now)
  const line = createLine(limits, elapsed)
  // While the host is asked whether it is back, the others wait for that one's answer.
  const circuit = createCircuit({ of: 'host', now, onChange: position => line.narrow(position !== 'closed') })
  const repositories = createRepositoryCircuits(now)

  function refusal(errand: Enquiry): RegistryFault | undefined {
    const { subject } = errand
    return circuit.refusal(subject) ?? repositories.refusal(errand) ?? budgets.refusal(errand, subject)
  }

  async function exchange(errand: Errand, signal: AbortSignal): Promise<Attempt> {
    const began = elapsed()
    const spent = budgets.spend(errand)
    const attempt = await attemptOf(transport.send(errand.request, signal), errand.request, signal)
    spent(attempt.answer)
    onSent(errand, attempt.outcome, elapsed() - began)
    const wait = waitOf(errand, attempt, now())
    if (wait === undefined) return attempt
    if (attempt.outcome === 'rate-limited') budgets.quiet(errand.account, wait.retryAt)
    else repositories.leaveAlone(errand.repository, wait.retryAt)
    return { ...attempt, answer: undefined, error: wait.fault, passing: false }
  }

  return {
    refusal,
    budgets: () => budgets.list(),
    circuit: () => circuit.position(),
    async send(errand, signal) {
      const refused = refusal(errand)
      if (refused !== undefined) throw refused
      if (line.size() >= mostWaiting[errand.urgency]) throw crowded(errand.subject, line.size())
      const turn = { ...placeOf(errand), refusal: () => refusal(errand), signal }
      return line.wait(turn, async inner => {
        const attempt = await circuit.run(errand.subject, () =>
          repositories.run(errand, () => exchange(errand, inner)),
        )
        // Who waits is refused if this would be, were it the least urgent: to look at a thousand after each answer is dear.
        if (refusal({ ...errand, mayUseReserve: false }) !== undefined) line.recheck()
        return attempt
      })
    },
  }
}

// Pages of a walk come one after another: were all walks of a namespace to go on in turns, the slow ones would all be late
// together.
function placeOf({ urgency, namespace, begun }: Errand): Place<Urgency> {
  return { rank: urgency, share: namespace, ahead: begun }
}

function attemptOf(sent: Promise<Answer>, request: Request, signal: AbortSignal): Promise<Attempt> {
  return sent.then(
    answer => answered(answer, request.authorization !== undefined),
    (error: unknown) => notAnswered(error, signal.aborted),
  )
}

/** How long the host wants to be left alone by its answer: 429 means the account, 503 with a time the repository. */
function waitOf(
  { subject }: Errand,
  { answer }: Attempt,
  now: number,
): { readonly retryAt: number; readonly fault: RegistryFault } | undefined {
  if (answer === undefined) return undefined
  const header = retryHeaderOf(answer)
  const retryAt = retryAtOf(header, now)
  if (answer.status === 429) return { retryAt, fault: rateLimited(subject, retryAt) }
  return answer.status === 503 && header !== undefined
    ? { retryAt, fault: outOfService(subject, retryAt) }
    : undefined
}
