import { placeOf } from '../entry/tag-hash.ts'

/** What earlier looks at a repository lacked, one after the other. */
export interface Doubt {
  /** The ascending hashes of the tags that all of them lacked. */
  readonly lacking: Float64Array
  readonly looks: number
}

/** Whether an answer is taken, and which tags go with it; else what is to be looked for again. */
export type Judgement =
  { readonly taken: true; readonly gone: Float64Array } | { readonly taken: false; readonly doubt: Doubt }

// Docker Hub's pages come from caches of different ages: 506, 595 and 490 tags within three minutes were seen. Two looks
// that agree to the tag are believed; of three that do not, only what all of them lack is.
const mostLooks = 3

/** Judges an answer that lacks some of the tags that are held (ascending hashes) by what was lacking before. */
export function judgeAnswer(lacking: Float64Array, before: Doubt | undefined): Judgement {
  if (lacking.length === 0) return { taken: true, gone: lacking }
  if (before === undefined) return { taken: false, doubt: { lacking, looks: 1 } }
  const both = lacking.filter(hash => placeOf(before.lacking, hash) >= 0)
  const agree = both.length === lacking.length && both.length === before.lacking.length
  const looks = before.looks + 1
  return agree || looks >= mostLooks
    ? { taken: true, gone: both }
    : { taken: false, doubt: { lacking: both, looks } }
}

const minute = 60_000

/** How long after so many looks the next one is made, in milliseconds; `random` is in [0, 1). */
export function nextLookAfter(looks: number, random: number): number {
  // What a cache of a registry holds for a minute or two must not be asked for twice; nobody waits for the third.
  return (looks <= 1 ? minute : 5 * minute) * (0.9 + 0.2 * random)
}
