import { setImmediate } from 'node:timers/promises'

import type { Repository } from '../../image/index.ts'
import { learnTagsInSlices, type LearnedTags, type TagList, type TagReading } from '../../version/index.ts'

/** Lets other work have its turn. */
export type Breathe = () => Promise<void>

/** Waits for a turn of the event loop; rejects once the signal is aborted. */
export function breatheUntil(signal: AbortSignal): Breathe {
  return () => setImmediate(undefined, { signal })
}

/** The index of the tags of a repository, built in slices so that admissions get their turns in between. */
export type LearnTags = (tags: TagList, repository: Repository) => Promise<LearnedTags>

/** Indexes tags as each repository has them read. */
export function learningAs(
  reading: ((repository: Repository) => TagReading) | undefined,
  breathe: Breathe,
): LearnTags {
  return async (tags, repository) => {
    const slices = learnTagsInSlices(tags, reading?.(repository))
    for (;;) {
      const step = slices.next()
      if (step.done) return step.value
      await breathe()
    }
  }
}
