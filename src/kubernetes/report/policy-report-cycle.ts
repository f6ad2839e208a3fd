import { KubernetesError, type KubernetesErrorCode } from '../api/kubernetes-error.ts'
import { createRateLimiter, type RateLimit } from '../api/timing.ts'
import { heldKeyOf, type ChangedReport } from './policy-report-plan.ts'
import {
  ForeignReportError,
  putReport,
  removeReport,
  reportObject,
  sinceKey,
  type HeldReport,
  type ReportPlace,
} from './policy-report-store.ts'
import { reportOf, type WorkloadReport } from './workload-report.ts'

/** The options of the writes of one cycle. */
export interface CycleOptions extends ReportPlace, Omit<RateLimit, 'perSecond'> {
  readonly onProblem: (problem: KubernetesError) => void
  /** Writes in a second, default 10. */
  readonly perSecond?: number
}

/** The memory that outlasts a cycle. */
interface Remembered {
  readonly held: Map<string, HeldReport>
  /** The keys of reports that could not be written. */
  readonly failing: Set<string>
}

/** Creates the writes of one cycle, which counts what comes through. */
export function createCycle(parts: CycleOptions, { held, failing }: Remembered, signal: AbortSignal) {
  const counts = { written: 0, removed: 0, failed: 0, foreign: 0 }
  const failures = createReportFailures(failing)
  const reportProblem = reportOnce(parts)
  const wait = createRateLimiter({ perSecond: 10, ...parts }, signal)
  const attempt = async (write: ReportWrite, work: () => Promise<void>): Promise<boolean> => {
    if (failures.isRefused(write)) {
      counts.failed += 1
      return false
    }
    await wait()
    try {
      await work()
      failures.passed(write)
      return true
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.code === 'superseded' || signal.aborted) throw error
      counts[error instanceof ForeignReportError ? 'foreign' : 'failed'] += 1
      failures.failed(write, error)
      reportProblem(error)
      return false
    }
  }
  return {
    ...failures,
    counts: () => counts,
    async put({ key, namespace, isNew, rows }: ChangedReport, finishedAt: number): Promise<void> {
      const write = { verb: isNew ? 'create' : 'patch', namespace, key } as const
      const work = () => put(reportOf(rows, finishedAt), { ...parts, held }, signal)
      if (await attempt(write, work)) counts.written += 1
    },
    async remove(report: HeldReport): Promise<void> {
      const key = heldKeyOf(report)
      const write = { verb: 'delete', namespace: report.namespace, key } as const
      if (!(await attempt(write, () => removeReport(parts, report, signal)))) return
      held.delete(key)
      counts.removed += 1
    },
  }
}

/** Creates a reporter of the first problem of each kind. */
function reportOnce({ onProblem }: CycleOptions): (problem: KubernetesError) => void {
  const reported = new Set<string>()
  return problem => {
    // A namespace that is being removed, or was since the audit: there is nothing to do.
    if (problem.code !== 'not-found' && !reported.has(problem.code)) onProblem(problem)
    reported.add(problem.code)
  }
}

async function put(
  report: WorkloadReport,
  { held, now, ...place }: CycleOptions & { readonly held: Map<string, HeldReport> },
  signal: AbortSignal,
): Promise<void> {
  const key = heldKeyOf(report)
  const before = held.get(key)
  const written = { held: before, now: Math.floor(now() / 1000) }
  const object = reportObject(place.kind, report, written)
  const resourceVersion = await putReport(place, { object, seen: before?.resourceVersion }, signal)
  const { namespace, name, content } = report
  const since = new Map(object.results.map(one => [sinceKey(one), one.timestamp.seconds]))
  held.delete(key)
  held.set(key, { namespace, name, resourceVersion, content, since })
}

/** One write in a namespace; a quota refuses a new object, and none of the others. */
interface ReportWrite {
  readonly verb: 'create' | 'patch' | 'delete'
  readonly namespace: string
  /** Of the report. */
  readonly key: string
}

/** The failures of one cycle, and what they say of the writes that are still to come. */
interface ReportFailures {
  /** Whether the API server refuses every write: then nothing more is tried. */
  gaveUp(): boolean
  /** Whether so many like it were refused in a row, or for so plain a reason, that it is not tried. */
  isRefused(write: ReportWrite): boolean
  /** Whether the kind of reports may be gone. */
  isKindMissing(): boolean
  passed(write: ReportWrite): void
  failed(write: ReportWrite, error: KubernetesError): void
}

/** The API server is gone, not an object. */
const mostInARow = 20
/** A quota or an admission policy refuses the like of all workloads of a namespace: the other namespaces do not wait for it. */
const mostInNamespace = 5

/** As the API server words a right that is missing, for whichever authorizer; a quota is worded otherwise. */
const missingRight = /\bcannot (?:create|patch|delete) resource\b/
/** One may have no Role where others have: without any that goes well, two stand for all. */
const mostWithoutRight = 2

/** Counts the failures of a cycle. The keys of what fails are added to a set, and taken from it again. */
function createReportFailures(failing: Set<string>): ReportFailures {
  const refused = new Map<string, number>()
  const rights = createRights()
  let inARow = 0
  let isKindMissing = false
  return {
    gaveUp: () => inARow >= mostInARow,
    isRefused: write => rights.isMissing(write) || (refused.get(kindOf(write)) ?? 0) >= mostInNamespace,
    isKindMissing: () => isKindMissing,
    passed(write) {
      inARow = 0
      rights.passed(write)
      refused.delete(kindOf(write))
      failing.delete(write.key)
    },
    failed(write, error) {
      failing.add(write.key)
      if (!isRefusal[error.code]) {
        inARow += 1
        return
      }
      inARow = 0
      if (error.code === 'forbidden' && missingRight.test(error.why)) rights.missed(write)
      // A report of another tool says nothing of the others.
      if (error instanceof ForeignReportError) return
      const count = (refused.get(kindOf(write)) ?? 0) + 1
      refused.set(kindOf(write), count)
      isKindMissing ||= error.code === 'not-found' && count >= mostInNamespace
    },
  }
}

/** Where a right is known to be missing: the same for all reports of a namespace. */
function createRights() {
  const without = new Map<ReportWrite['verb'], Set<string>>()
  const granted = new Set<ReportWrite['verb']>()
  return {
    passed: ({ verb }: ReportWrite): void => void granted.add(verb),
    missed({ verb, namespace }: ReportWrite): void {
      without.set(verb, (without.get(verb) ?? new Set<string>()).add(namespace))
    },
    isMissing({ verb, namespace }: ReportWrite): boolean {
      const namespaces = without.get(verb)
      if (namespaces === undefined) return false
      return namespaces.has(namespace) || (namespaces.size >= mostWithoutRight && !granted.has(verb))
    },
  }
}

function kindOf({ verb, namespace }: ReportWrite): string {
  return `${verb} ${namespace}`
}

/** Whether a failure concerns an object or its namespace; all else concerns the API server, or all reports. */
const isRefusal: Readonly<Record<KubernetesErrorCode, boolean>> = {
  forbidden: true,
  'not-found': true,
  conflict: true,
  gone: true,
  invalid: true,
  'no-config': false,
  'invalid-input': false,
  unauthorized: false,
  unavailable: false,
  timeout: false,
  'invalid-answer': false,
  superseded: false,
  closed: false,
}
