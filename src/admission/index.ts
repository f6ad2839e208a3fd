/** An AdmissionRequest to an AdmissionResponse: who is told, who is refused, what is annotated. */
export type { EnforcementChoices } from './decision/weigh.ts'
export type {
  Decision,
  Endpoint,
  ImageSource,
  Labels,
  ListedWorkload,
  ListedWorkloads,
  NamespaceLabels,
  ReviewEvent,
  RunningImages,
  WorkloadLister,
} from './review/ports.ts'
export { correctedAnnotations } from './annotations/annotations.ts'
export {
  InvalidReviewError,
  readReview,
  type AdmissionRequest,
  type InvalidReviewCode,
} from './review/review.ts'
export type { WarningChoices } from './decision/decide.ts'
export type { Reviewed } from './decision/reviewed.ts'
export { createReviewer, type Reviewer, type ReviewerOptions, type ReviewerSettings } from './reviewer.ts'
