import type { Drift } from '../../../src/audit/index.ts'

const nothing = {
  action: 'nothing',
  otherwise: 'nothing',
  because: undefined,
  until: undefined,
  exception: undefined,
} as const

/** What no policy and no exception decides about a row of a report. */
export const undecided: Pick<Drift, 'decidedBy' | 'outcome' | 'enforced' | 'emergency' | 'exceptions'> = {
  decidedBy: undefined,
  outcome: nothing,
  enforced: nothing,
  emergency: undefined,
  exceptions: [],
}
