/** What a drift report says in each of its forms: items of the REST interface and the tables, policy reports, notices of Events. */
export { driftItemOf, instant, shownVerdict } from './drift-item.ts'
export { noticeReasons, noticesOf, type DriftNotice } from './drift-notices.ts'
export {
  reportedWorkload,
  reportResults,
  rowsByWorkload,
  type ReportedWorkload,
  type ResultBody,
} from './policy-report.ts'
export { durationOf, select, type Selection } from './select.ts'
