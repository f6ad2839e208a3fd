import type { AdmissionResponse } from '../api/index.ts'

// What every answer begins with. The API server takes no other version than it asked in.
const beginning = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":'

/** The AdmissionReview that answers a review, as JSON. */
export function reviewAnswer(response: AdmissionResponse): string {
  return `${beginning}${JSON.stringify(response)}}`
}

/** The answer where the review could not be made: allowed, and the person who applies is told so. */
export function uncheckedAnswer(uid: string): string {
  return reviewAnswer({ uid, allowed: true, warnings: ['patchline: internal error, not checked'] })
}
