import { LRUCache } from 'lru-cache'

import type { RegistryFault } from '../response/fault.ts'
import { isAhead } from '../response/retry-after.ts'
import type { Attempt } from './broker-attempt.ts'
import { outOfService } from './broker-faults.ts'
import { createCircuit, type Circuit } from './circuit.ts'

/** Which repository is asked about, and who is asked, for messages: `the registry`. */
export interface RepositoryAsking {
  readonly repository: string
  readonly subject: string
}

/** Keeps requests about single repositories from a host that answers others: a broken project takes no other down. */
export interface RepositoryCircuits {
  /** Why it is not asked about the repository now. */
  refusal(asking: RepositoryAsking): RegistryFault | undefined
  /** @throws RegistryFault where another request found it still failing. */
  run(asking: RepositoryAsking, work: () => Promise<Attempt>): Promise<Attempt>
  /** The host said that it is not to be asked about the repository until then. */
  leaveAlone(repository: string, until: number): void
}

interface State {
  readonly circuit: Circuit
  readonly outUntil: number | undefined
}

// Only those that fail are held. Names are anybody's to invent: what is forgotten is asked for a few times more.
const mostRepositories = 1_000

/** Circuits that are all closed; `now` in epoch milliseconds. */
export function createRepositoryCircuits(now: () => number): RepositoryCircuits {
  const failing = new LRUCache<string, State>({ max: mostRepositories })

  function keep(repository: string, change: Partial<State>): State {
    const closed = { circuit: createCircuit({ of: 'repository', now }), outUntil: undefined }
    const state = { ...(failing.get(repository) ?? closed), ...change }
    failing.set(repository, state)
    return state
  }

  // A request that was sent before the others failed: what came of it counts as long as the circuit is not open.
  async function note({ repository, subject }: RepositoryAsking, attempt: Attempt): Promise<void> {
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
    async run(asking, work) {
      const state = failing.get(asking.repository)
      if (state === undefined) {
        const attempt = await work()
        if (attempt.failed === 'repository') await note(asking, attempt)
        return attempt
      }
      const attempt = await state.circuit.run(asking.subject, work)
      const isBack = attempt.answer !== undefined && attempt.failed === undefined
      if (isBack && failing.get(asking.repository) === state) failing.delete(asking.repository)
      return attempt
    },
    leaveAlone(repository, until) {
      keep(repository, { outUntil: until })
    },
  }
}
