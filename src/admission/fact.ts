import type { Evaluation } from '../evaluation/index.ts'

/** What is said of one container's image. */
export interface Fact {
  readonly image: string
  readonly verdict: Evaluation['verdict']
  readonly newest: string | undefined
  readonly elsewhere: string | undefined
  readonly behind: number
  readonly reason: string
  readonly detail: string | undefined
}

/**
 * The verdicts in the order in which a person has something to do about them: a newer tag exists, the look failed, the tag says
 * nothing, all is well, there is nothing to say.
 */
export const worstFirst = ['outdated', 'unknown', 'floating', 'current', 'unversioned'] as const
