/** What a drift report says in each of its forms: items of the REST interface and the tables, policy reports, statuses of policies and exceptions, notices of Events. */
export { driftItemOf, shownVerdict } from './drift-item.ts'
export { instant, verdictItemOf } from './verdict-item.ts'
export { noticeReasons, noticesOf, type DriftNotice } from './drift-notices.ts'
export {
  statusChanges,
  type ObservedObject,
  type ObservedObjects,
  type StatusChange,
} from './object-status.ts'
export {
  reportedWorkload,
  reportResults,
  rowsByWorkload,
  type ReportedWorkload,
  type ResultBody,
} from './policy-report.ts'
export { durationOf, select, type Selection } from './select.ts'
