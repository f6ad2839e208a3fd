import { ageKeyOf, readAges, type Ages, type AgeStore } from '../../audit/index.ts'
import type { PolicySource } from '../../policy/index.ts'
import type { Logger } from '../../telemetry/index.ts'

/** Since when images are behind, as the audit keeps it in the cluster. */
export type BehindSince = NonNullable<PolicySource['behindSince']>

/** With what it is read. */
interface BehindSinceParts {
  readonly store: Pick<AgeStore, 'load'>
  readonly log: Pick<Logger, 'warn'>
  /** Epoch milliseconds. */
  readonly now: () => number
}

// A grace period is of days; the audit writes once a cycle.
const refreshAfter = 300_000
const answerLimit = 15_000

/**
 * Reads the ages in the background, when one is asked for and the last look is five minutes old: where no policy has a grace
 * period, nothing is read.
 */
export function createBehindSince({ store, log, now }: BehindSinceParts): BehindSince {
  let ages: Ages = new Map()
  let lookedAt = Number.NEGATIVE_INFINITY
  const look = async (): Promise<void> => {
    try {
      const text = await store.load(AbortSignal.timeout(answerLimit))
      if (text !== undefined) ages = readAges(text)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.warn({ reason }, 'ages of images not read, grace periods begin with what this replica has seen')
    }
  }
  return (reference, strategy) => {
    if (now() - lookedAt >= refreshAfter) {
      lookedAt = now()
      void look()
    }
    const key = ageKeyOf(reference, strategy)
    return key === undefined ? undefined : ages.get(key)?.since
  }
}
