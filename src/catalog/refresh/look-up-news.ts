import type { LookUpEvent } from './options.ts'

/**
 * Tells what of failed look-ups is worth a line of a log: of a registry that is left alone until an instant only the first, however
 * many repositories wait for it.
 */
export function createLookUpNews(): (event: Pick<LookUpEvent, 'registry' | 'error'>) => boolean {
  const told = new Map<string, number>()
  return ({ registry, error }) => {
    if (error === undefined) return false
    const { retryAt } = error
    if (retryAt === undefined) return true
    // Those who were told at once may have been told instants that differ by what it took to ask.
    const isNews = Math.abs(retryAt - (told.get(registry) ?? 0)) >= sameInstant
    if (isNews) told.set(registry, retryAt)
    return isNews
  }
}

const sameInstant = 1_000 // milliseconds
