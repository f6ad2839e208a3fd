import { TagSourceError } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'

/**
 * The error of a look-up. One in the background has nobody to throw at: a mistake of ours is told as an error of the look-up,
 * with its cause.
 */
export function portError(
  error: unknown,
  { registry, repository }: Repository,
  signal: AbortSignal,
): TagSourceError {
  if (error instanceof TagSourceError) return error
  const why = signal.aborted ? 'the catalog was closed' : 'the look-up failed unexpectedly'
  return new TagSourceError('unavailable', `${registry}/${repository}: ${why}`, { cause: error })
}
