import type { Registry } from '../settings/registry.ts'
import type { Challenge } from './challenge.ts'

/**
 * How registries want to be asked. One that asks for a token is not made to ask again for each repository: that would be every
 * second request.
 */
export interface ChallengeMemory {
  /** What the registry asks of everybody, as far as is known. */
  expected(registry: Registry): Challenge | undefined
  /** The registry asked for this. */
  challenged(registry: Registry, challenge: Challenge): void
  /** The registry does not ask the same for all its repositories, or nothing for some: from now on nothing is expected. */
  mixed(registry: Registry): void
  /** What was expected turned out to be of no use. */
  forget(registry: Registry): void
}

/** An empty memory; it holds one challenge for each registry at most. */
export function createChallengeMemory(): ChallengeMemory {
  const challenges = new Map<Registry, Challenge>()
  const mixed = new Set<Registry>()
  return {
    expected: registry => (mixed.has(registry) ? undefined : challenges.get(registry)),
    challenged: (registry, challenge) => void challenges.set(registry, challenge),
    mixed: registry => void mixed.add(registry),
    forget: registry => void challenges.delete(registry),
  }
}
