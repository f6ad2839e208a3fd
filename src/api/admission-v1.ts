/**
 * An AdmissionReview of `admission.k8s.io/v1` as a webhook sends it (k8s.io/api admission/v1 types.go). The one that it
 * receives is unknown until `admission/` has read it.
 */
export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: AdmissionResponse
}

/** The response of an AdmissionReview, as far as it is used. */
export interface AdmissionResponse {
  readonly uid: string
  readonly allowed: boolean
  /** Shown to the person who applies; the API server drops texts with control characters without a word. */
  readonly warnings?: readonly string[]
  /** Read by the API server only where `allowed` is false. */
  readonly status?: {
    readonly code: number
    readonly reason: string
    readonly message: string
  }
  readonly patchType?: 'JSONPatch'
  /** A JSON Patch (RFC 6902), base64. */
  readonly patch?: string
  /** Go into the audit log of the API server, each key prefixed with the webhook's name. */
  readonly auditAnnotations?: Readonly<Record<string, string>>
}
