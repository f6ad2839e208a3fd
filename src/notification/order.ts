import type { Finding } from './finding.ts'

/** The findings of one workload. */
export interface WorkloadFindings {
  readonly namespace: string
  readonly kind: string
  readonly name: string
  readonly findings: readonly Finding[]
}

/** By namespace and workload; workloads by the age of their oldest finding, so that what has waited longest comes first. */
export function byWorkload(findings: readonly Finding[]): readonly WorkloadFindings[] {
  const groups = Map.groupBy(findings, ({ workload: { namespace, kind, name } }) =>
    JSON.stringify([namespace, kind, name]),
  )
  return [...groups.values()]
    .flatMap(group => {
      const [first] = group
      if (first === undefined) return []
      const { namespace, kind, name } = first.workload
      return [{ namespace, kind, name, findings: group.toSorted(byContainer) }]
    })
    .toSorted(byAge)
}

function byAge(one: WorkloadFindings, other: WorkloadFindings): number {
  return (
    oldest(one) - oldest(other) ||
    compareTexts(one.namespace, other.namespace) ||
    compareTexts(one.kind, other.kind) ||
    compareTexts(one.name, other.name)
  )
}

function oldest({ findings }: WorkloadFindings): number {
  return Math.min(...findings.map(({ since }) => since ?? Number.MAX_SAFE_INTEGER))
}

function byContainer(one: Finding, other: Finding): number {
  return compareTexts(one.container, other.container) || compareTexts(one.field, other.field)
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
