/** An AdmissionRequest to an AdmissionResponse: who is told, who is refused, what is annotated. */
export { imagesAnnotation, statusAnnotation } from './facts.ts'
export type { Decision, Endpoint, Labels, NamespaceLabels, ReviewEvent } from './ports.ts'
export { InvalidReviewError, readReview, type AdmissionRequest, type InvalidReviewCode } from './review.ts'
export {
  createReviewer,
  type Reviewed,
  type Reviewer,
  type ReviewerOptions,
  type ReviewerSettings,
} from './reviewer.ts'
