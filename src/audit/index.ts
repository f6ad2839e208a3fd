/** What runs, to verdicts: the drift report of one cycle, and the loop of cycles. */
export { ageKeyOf, readAges, type Ages } from './ages.ts'
export { createAudit, type Audit, type AuditOptions } from './audit.ts'
export {
  distanceOf,
  isMissing,
  isOverdue,
  oldestCheckOf,
  type Drift,
  type DriftReport,
  type NamedException,
} from './drift.ts'
export { auditLoop, type Cycle, type LoopParts, type Schedule } from './loop.ts'
export type { MovedTags } from './moved-tag.ts'
export { rememberAges, type AgeStore, type RememberedAges } from './remember-ages.ts'
