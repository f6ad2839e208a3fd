import type { StoreProblem } from './store.ts'

/** Tells of what goes wrong with a store: each time, and whether it is news. */
export interface StoreProblems {
  add(kind: StoreProblem['kind'], file: string, message: string): void
  /** What was wrong works again: the next problem of the kind is news. */
  solved(kind: StoreProblem['kind']): void
}

/** Nothing has gone wrong yet. */
export function createStoreProblems(onProblem?: (problem: StoreProblem) => void): StoreProblems {
  const told = new Set<StoreProblem['kind']>()
  return {
    add(kind, file, message) {
      const repeated = told.has(kind)
      told.add(kind)
      onProblem?.({ kind, file, message, repeated })
    },
    solved: kind => void told.delete(kind),
  }
}
