import { createBoundedMap } from '../../async/index.ts'
import type { CatalogEntry } from '../entry/entry.ts'
import type { CatalogOptions } from './options.ts'
import type { Task } from './look-ups.ts'
import { placeOf } from '../entry/tag-hash.ts'

/** Deletions that an answer suggests and that further look-ups confirm or refute. */
export interface SuspectedDeletions {
  /** The tags that count as deleted; else when the next look-up begins, which is scheduled here. */
  judge(answer: IncompleteAnswer): { readonly gone: Float64Array } | { readonly again: number }
  close(): void
}

/** An answer that may lack some of the tags that are held. */
export interface IncompleteAnswer {
  readonly task: Task
  /** The extent of the listing: only answers of the same extent are compared. */
  readonly extent: string
  readonly held: CatalogEntry
  readonly lacking: Float64Array
}

type SuspectedDeletionsOptions = Required<Pick<CatalogOptions, 'now' | 'random' | 'later'>> &
  Pick<CatalogOptions, 'onSuspicion'> & { readonly look: (task: Task) => void }

// More repositories than this lose tags within minutes only where a registry is faulty; a forgotten suspicion starts again.
const most = 5_000

/** Creates an empty set of suspicions; `look` begins a look-up. */
export function createSuspectedDeletions({
  now,
  random,
  later,
  look,
  onSuspicion,
}: SuspectedDeletionsOptions): SuspectedDeletions {
  const suspectedDeletions = createBoundedMap<Suspicion & { readonly cancel: () => void }>(most, {
    dispose: ({ cancel }) => cancel(),
  })

  return {
    judge({ task, extent, held, lacking }) {
      const key = `${task.scope.key} ${extent}`
      const judgement = judgeAnswer(lacking, suspectedDeletions.get(key))
      if (judgement.taken) {
        suspectedDeletions.delete(key)
        return { gone: judgement.gone }
      }
      const { suspicion } = judgement
      const wait = nextLookAfter(suspicion.looks, random())
      const cancel = later(wait, () =>
        look({ ...task, urgency: 'refresh', namespace: undefined, thorough: true }),
      )
      suspectedDeletions.set(key, { ...suspicion, cancel })
      const { repository } = task.scope
      onSuspicion?.({
        repository,
        held: held.learned.list.length,
        lacking: suspicion.lacking.length,
        looks: suspicion.looks,
      })
      return { again: now() + wait }
    },
    close: () => suspectedDeletions.clear(),
  }
}

/** What earlier look-ups of a repository lacked. */
export interface Suspicion {
  /** The ascending hashes of the tags that all of them lacked. */
  readonly lacking: Float64Array
  readonly looks: number
}

/** Whether an answer is taken, and which tags are deleted by it; else what remains suspected. */
export type Judgement =
  | { readonly taken: true; readonly gone: Float64Array }
  | { readonly taken: false; readonly suspicion: Suspicion }

// Docker Hub's pages come from caches of different ages: 506, 595 and 490 tags within three minutes were seen. Two look-ups
// that agree to the tag are believed; of three that do not, only the tags that all of them lack are deleted.
const mostLooks = 3

/** Judges an answer by the held tags that it lacks (ascending hashes) and by what earlier ones lacked. */
export function judgeAnswer(lacking: Float64Array, before: Suspicion | undefined): Judgement {
  if (lacking.length === 0) return { taken: true, gone: lacking }
  if (before === undefined) return { taken: false, suspicion: { lacking, looks: 1 } }
  const both = lacking.filter(hash => placeOf(before.lacking, hash) >= 0)
  const agree = both.length === lacking.length && both.length === before.lacking.length
  const looks = before.looks + 1
  return agree || looks >= mostLooks
    ? { taken: true, gone: both }
    : { taken: false, suspicion: { lacking: both, looks } }
}

const minute = 60_000

/** The delay of the next look-up after so many, in milliseconds; `random` is in [0, 1). */
export function nextLookAfter(looks: number, random: number): number {
  // A registry's cache may hold an answer for a minute or two; the third look-up is not urgent.
  return (looks <= 1 ? minute : 5 * minute) * (0.9 + 0.2 * random)
}
