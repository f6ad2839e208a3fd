import { sameJson } from '../json/index.ts'
import { podTemplatesOf } from './pod-templates.ts'
import type { WorkloadKind } from './workload-kind.ts'

/**
 * Whether an update makes new pods of a workload: a pod template differs, metadata included. Scaling it and editing its
 * own metadata does not. False for a pod, which makes no others.
 */
export function startsRollout(kind: WorkloadKind, oldObject: unknown, object: unknown): boolean {
  if (kind.templates === undefined) return false
  const [before, after] = [oldObject, object].map(one =>
    podTemplatesOf(kind, one).map(({ template }) => template),
  )
  return !sameJson(before, after)
}
