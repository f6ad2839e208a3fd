/** An AdmissionRequest to an AdmissionResponse: who is told, who is refused, what is annotated. */
export type { EnforcementChoices } from './weigh.ts'
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
} from './ports.ts'
export { correctedAnnotations } from './annotations.ts'
export { InvalidReviewError, readReview, type AdmissionRequest, type InvalidReviewCode } from './review.ts'
export type { WarningChoices } from './decide.ts'
export type { Reviewed } from './reviewed.ts'
export { createReviewer, type Reviewer, type ReviewerOptions, type ReviewerSettings } from './reviewer.ts'
