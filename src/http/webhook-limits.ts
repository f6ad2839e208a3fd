/** What the webhook takes on; times in milliseconds. */
export interface WebhookLimits {
  /** How long the first look-ups of one review may take, however long the API server would wait. */
  readonly lookupBudget: number
  /** Reviews under way at once; one more is sent away with 503. */
  readonly reviewsInFlight: number
  /** How long `close` waits for requests under way. */
  readonly closeDeadline: number
}

export const defaultWebhookLimits: WebhookLimits = {
  lookupBudget: 800, // a person at a terminal does not notice it, and it fits into the shortest timeout of 1 s
  reviewsInFlight: 500, // far beyond what one API server asks at once; what waits holds its body in memory
  closeDeadline: 5_000, // longer than the usual `timeoutSeconds: 3`, so whatever can still be answered is
}

/** An UPDATE carries two objects of up to 3 MiB: what controller-runtime's admission/http.go takes, in bytes. */
export const largestBody = 7 * 1024 * 1024
