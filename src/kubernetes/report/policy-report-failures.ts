import type { KubernetesError, KubernetesErrorCode } from '../api/kubernetes-error.ts'
import { ForeignReportError } from './policy-report-writes.ts'

/** What is asked of the API server in a namespace; a quota refuses what is new, and leaves the rest. */
export interface ReportWrite {
  readonly verb: 'create' | 'patch' | 'delete'
  readonly namespace: string
  /** Of the report. */
  readonly key: string
}

/** What the failures of one cycle say of the writes that are still to come. */
export interface ReportFailures {
  /** Whether the API server takes nothing: then nothing more is tried. */
  gaveUp(): boolean
  /** Whether the like was refused to so many in a row, or for so plain a reason, that the others of the namespace, or of all, are not tried. */
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

/** The failures of a cycle; none at first. The keys of what fails are added to a set, and taken from it again. */
export function createReportFailures(failing: Set<string>): ReportFailures {
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
