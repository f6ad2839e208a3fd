import { at, sameJson } from './json.ts'
import type { WorkloadKind } from './workload-kind.ts'

/**
 * Whether an update makes new pods of a workload: its pod template differs, metadata included. Scaling it and editing its
 * own metadata does not. False for a pod, which makes no others.
 */
export function startsRollout(kind: WorkloadKind, oldObject: unknown, object: unknown): boolean {
  return kind.template !== undefined && !sameJson(at(oldObject, kind.template), at(object, kind.template))
}
