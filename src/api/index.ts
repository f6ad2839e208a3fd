/** Types and schemas of the wire formats: data only. */
export type { AdmissionResponse, AdmissionReview } from './admission-v1.ts'
export {
  driftItemSchema,
  driftPageSchema,
  driftQuerySchema,
  driftSummarySchema,
  problemSchema,
  type DriftItem,
} from './rest-v1.ts'
export {
  providerQuerySchema,
  providerRequestSchema,
  providerResponseSchema,
  verdictItemSchema,
  verdictListSchema,
  verdictRequestSchema,
  type VerdictItem,
  type VerdictRequestBody,
} from './verdict-v1.ts'
export { watchListSchema, watchSchema } from './watch-v1.ts'
export { imageAnswerSchema, imageQuerySchema, type ImageStrategy } from './image-watcher.ts'
export {
  exceptionSpecSchema,
  policySpecSchema,
  type ExceptionSpec,
  type ExceptionStatus,
  type PolicySpec,
  type PolicyStatus,
} from './policy/index.ts'
