/** Wire contracts: data only. */
export type { AdmissionResponse, AdmissionReviewAnswer } from './admission-v1.ts'
