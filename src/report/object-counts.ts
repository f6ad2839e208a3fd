import type { Drift, DriftReport } from '../audit/index.ts'
import type { ExceptionState } from '../policy/index.ts'
import { rowsByWorkload } from './policy-report.ts'

/** How many workloads a policy decides about, and what would happen to them. */
export interface PolicyCounts {
  readonly workloads: number
  readonly outdated: number
  readonly wouldRefuse: number
  readonly exempt: number
}

/** How many workloads an exception names, and its states there. */
export interface ExceptionCounts {
  readonly workloads: number
  readonly wouldRefuse: number
  /** For images that something would be done about. */
  readonly needed: ReadonlySet<ExceptionState>
  /** For the other images. */
  readonly idle: ReadonlySet<ExceptionState>
}

/** What a report says of each policy, by its name, and of each exception, by namespace and name. */
export interface ObjectCounts {
  readonly policies: ReadonlyMap<string, PolicyCounts>
  readonly exceptions: ReadonlyMap<string, ExceptionCounts>
}

export const noWorkloads: PolicyCounts = { workloads: 0, outdated: 0, wouldRefuse: 0, exempt: 0 }
export const noMatches: ExceptionCounts = {
  workloads: 0,
  wouldRefuse: 0,
  needed: new Set(),
  idle: new Set(),
}

/** Counts the workloads of a report. Pure. */
export function countsOf(report: DriftReport): ObjectCounts {
  const policies = new Map<string, PolicyCounts>()
  const exceptions = new Map<string, ExceptionCounts>()
  for (const rows of rowsByWorkload(report)) {
    for (const [name, own] of Map.groupBy(rows, ({ decidedBy }) => decidedBy))
      if (name !== undefined) policies.set(name, withWorkload(policies.get(name) ?? noWorkloads, own))
    for (const [key, named] of Map.groupBy(rows.flatMap(namedIn), one => one.key))
      exceptions.set(key, withMatches(exceptions.get(key) ?? noMatches, named))
  }
  return { policies, exceptions }
}

function withWorkload(counts: PolicyCounts, rows: readonly Drift[]): PolicyCounts {
  const count = (test: (row: Drift) => boolean): number => Number(rows.some(test))
  return {
    workloads: counts.workloads + 1,
    outdated:
      counts.outdated + count(({ evaluation, exempt }) => !exempt && evaluation.verdict === 'outdated'),
    wouldRefuse: counts.wouldRefuse + count(({ enforced }) => enforced.action === 'refuse'),
    exempt: counts.exempt + count(({ outcome }) => outcome.because === 'exception'),
  }
}

/** One image that an exception names. */
interface Named {
  readonly key: string
  readonly state: ExceptionState
  readonly isNeeded: boolean
  /** It would be refused without the exception. */
  readonly isRefused: boolean
}

function namedIn({ exceptions, enforced }: Drift): readonly Named[] {
  return exceptions.map(({ exception, state }) => {
    const key = `${exception.namespace}/${exception.name}`
    const by = enforced.exception
    const isExcusedByIt = by !== undefined && `${by.namespace}/${by.name}` === key
    return {
      key,
      state,
      isNeeded: enforced.otherwise !== 'nothing',
      isRefused: isExcusedByIt ? enforced.otherwise === 'refuse' : enforced.action === 'refuse',
    }
  })
}

function withMatches(counts: ExceptionCounts, named: readonly Named[]): ExceptionCounts {
  const statesOf = (isNeeded: boolean): readonly ExceptionState[] =>
    named.filter(one => one.isNeeded === isNeeded).map(({ state }) => state)
  return {
    workloads: counts.workloads + 1,
    wouldRefuse: counts.wouldRefuse + Number(named.some(({ isRefused }) => isRefused)),
    needed: new Set([...counts.needed, ...statesOf(true)]),
    idle: new Set([...counts.idle, ...statesOf(false)]),
  }
}
