import type { TagQuery } from '../../evaluation/index.ts'
import { mostParts } from '../entry/coverage.ts'
import type { Entry } from '../entry/entry.ts'
import type { Asked } from './flights.ts'

/** One look-up: of what, for whom, and how. */
export interface Task extends Asked {
  readonly slice: string | undefined
  /** Everything is to be listed, whatever is held: an answer that was in doubt is looked at again. */
  readonly thorough: boolean
}

const day = 24 * 60 * 60_000

/** What the source is asked, given what is held. */
export function queryOf(
  { view, slice, urgency, namespace, thorough }: Task,
  held: Entry | undefined,
  now: number,
): TagQuery {
  const asked = sliceOf(slice, held, now)
  const isWhole = held?.parts.some(({ prefix }) => prefix === '') === true && !held.missing
  // A source that is told what is held need not say what has gone, so at least each day it is told nothing.
  const known = isWhole && !thorough && !isWalkDue(held, now)
  return {
    ...view.repository,
    urgency,
    ...(namespace !== undefined && { namespace }),
    ...(view.credentials.length > 0 && { credentials: view.credentials }),
    ...(asked !== undefined && { slice: asked }),
    ...(known && { held: { tags: held.count, validator: held.validator, additions: true } }),
  }
}

function sliceOf(slice: string | undefined, held: Entry | undefined, now: number): string | undefined {
  if (held === undefined) return slice
  const isWhole = held.parts.some(({ prefix }) => prefix === '')
  if (isWhole) return isWalkDue(held, now) ? undefined : slice
  return held.parts.length >= mostParts ? undefined : slice
}

function isWalkDue({ walkedAt }: Entry, now: number): boolean {
  return now - walkedAt >= day
}
