/** What runs in a cluster: objects to records, records to the containers of the workloads that own them. */
export { aggregateByOwner } from './aggregate-by-owner.ts'
export {
  compareWorkloads,
  type Inventory,
  type Origin,
  type RunningImage,
  type Workload,
} from './inventory.ts'
export { createInterner, type Interner, type RecordContents } from './intern.ts'
export type { Manager } from './manager.ts'
export { recordOf, recordShape, type ObjectRecord, type RecordOptions } from './record.ts'
