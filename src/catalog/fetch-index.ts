import { setImmediate } from 'node:timers/promises'

import { TagSourceError, type TagSource } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import { indexTagsInSlices, textsOf, type TagIndex } from '../version/index.ts'

/**
 * The index of a repository's tags, built in slices so that admissions get their turns in between.
 * @throws TagSourceError
 */
export async function fetchIndex(
  source: TagSource,
  repository: Repository,
  signal: AbortSignal,
): Promise<TagIndex> {
  try {
    signal.throwIfAborted()
    const answer = await source.listTags(repository, signal)
    if (answer.kind === 'unchanged') throw new Error('nothing was held')
    const slices = indexTagsInSlices(textsOf(answer.tags))
    for (;;) {
      const step = slices.next()
      if (step.done) return step.value
      await setImmediate(undefined, { signal })
    }
  } catch (error) {
    throw portError(error, repository, signal)
  }
}

// A look-up in the background has nobody to throw at. A mistake of ours is told as an error of the look-up, with its cause.
function portError(
  error: unknown,
  { registry, repository }: Repository,
  signal: AbortSignal,
): TagSourceError {
  if (error instanceof TagSourceError) return error
  const why = signal.aborted ? 'the catalog was closed' : 'the look-up failed unexpectedly'
  return new TagSourceError('unavailable', `${registry}/${repository}: ${why}`, { cause: error })
}
