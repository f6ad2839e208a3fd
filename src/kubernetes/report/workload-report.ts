import { createHash } from 'node:crypto'
import type { Drift } from '../../audit/index.ts'
import type { Workload } from '../../inventory/index.ts'
import { reportedWorkload, type ReportedWorkload } from '../../report/index.ts'

/** The policy report of one workload, with the name of its object. */
export interface WorkloadReport extends ReportedWorkload {
  readonly namespace: string
  readonly name: string
  /** A hash: the same for the same content. */
  readonly content: string
}

/** The report of the rows of one workload; to be made one at a time, for all of them are many megabytes. */
export function reportOf(rows: readonly Drift[], finishedAt: number): WorkloadReport {
  const report = reportedWorkload(rows, finishedAt)
  const { workload, results } = report
  return {
    ...report,
    namespace: workload.namespace,
    name: reportName(workload),
    content: hashOf([workload, results]),
  }
}

/** The report's name: at most 63 characters, the same for every workload of that kind and name in a namespace. */
export function reportName({ apiVersion, kind, name }: Workload): string {
  // An owner's kind is copied from a pod's reference to it: it may be any text.
  const readable = kind
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 30)
  return ['patchline', readable, hashOf([apiVersion.split('/')[0], kind, name]).slice(0, 16)]
    .filter(part => part !== '')
    .join('-')
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
