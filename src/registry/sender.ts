import type { Urgency } from '../evaluation/index.ts'
import { headerOf, type Answer } from './answer.ts'
import { RegistryFault } from './fault.ts'
import type { Registry } from './registry.ts'
import { retryAtOf } from './retry-after.ts'
import type { Request, Transport } from './transport.ts'
import { createTurns } from './turns.ts'

/** A request with what decides about its turn. */
export interface SentRequest extends Request {
  /** `refresh` if not given. */
  readonly urgency?: Urgency
  /** Whose budget it takes from: tells credentials of one host apart and is no secret; empty for none. */
  readonly account?: string
}

/** Sends requests as the registries want them: a few at a time, and none before the time that a 429 named. */
export interface Sender {
  /** @throws RegistryFault also where nothing was sent because the registry asked to wait. */
  send(request: SentRequest, signal: AbortSignal): Promise<Answer>
  /** The fault of a registry that asked to wait, while it holds. */
  coolDown(registry: Registry): RegistryFault | undefined
}

interface SenderOptions {
  readonly requestsPerOrigin: number
  readonly now: () => number
}

/** A sender over a transport; the waits are remembered by origin, of which there are as many as registries. */
export function createSender(transport: Transport, { requestsPerOrigin, now }: SenderOptions): Sender {
  const turns = createTurns(requestsPerOrigin)
  const quietUntil = new Map<string, number>()

  function coolDown({ origin }: Registry): RegistryFault | undefined {
    const retryAt = quietUntil.get(origin)
    return retryAt === undefined || retryAt <= now() ? undefined : rateLimited(retryAt)
  }

  return {
    coolDown,
    async send(request, signal) {
      const { registry } = request
      const handOn = await turns.take(registry.origin, signal)
      try {
        const asked = coolDown(registry)
        if (asked !== undefined) throw asked
        const answer = await transport.send(request, signal)
        if (answer.status !== 429) return answer
        const retryAt = retryAtOf(headerOf(answer, 'retry-after'), now())
        quietUntil.set(registry.origin, Math.max(retryAt, quietUntil.get(registry.origin) ?? 0))
        throw rateLimited(retryAt)
      } finally {
        handOn()
      }
    },
  }
}

function rateLimited(retryAt: number): RegistryFault {
  const until = new Date(retryAt).toISOString()
  return new RegistryFault('rate-limited', `the registry asked to wait until ${until}`, {
    next: 'it is asked again then; credentials often raise the limit',
    retryAt,
  })
}
