/** An AdmissionRequest to an AdmissionResponse: who is told, who is refused, what is annotated. */
export type { EnforcementChoices } from './enforcement.ts'
export type {
  Decision,
  Endpoint,
  ImageSource,
  Labels,
  NamespaceLabels,
  ReviewEvent,
  RunningImages,
} from './ports.ts'
export { correctedFacts } from './corrected-facts.ts'
export { InvalidReviewError, readReview, type AdmissionRequest, type InvalidReviewCode } from './review.ts'
export type { WarningChoices } from './worth-warning.ts'
export {
  createReviewer,
  type Reviewed,
  type Reviewer,
  type ReviewerOptions,
  type ReviewerSettings,
} from './reviewer.ts'
