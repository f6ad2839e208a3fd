/** What runs in a cluster, to verdicts: the drift report. */
export { createAudit, type Audit, type AuditOptions } from './audit.ts'
export type { Drift, DriftReport } from './drift.ts'
export {
  type HelmRelease,
  type Inventory,
  type Origin,
  type RunningImage,
  type Workload,
} from './inventory.ts'
export type { MovedTags } from './moved-tag.ts'
export { driftItemOf, instant, shownVerdict } from './drift-item.ts'
export { durationOf, select, type Selection } from './select.ts'
export { joinRecords } from './join.ts'
export { recordOf, type ObjectRecord, type RecordOptions } from './record.ts'
export { createShare, type Share } from './share.ts'
