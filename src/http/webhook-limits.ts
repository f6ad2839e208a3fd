/** What the webhook takes on; times in milliseconds. */
export interface WebhookLimits {
  /** How long the first look-ups of one review may take, however long the API server would wait. */
  readonly lookupBudget: number
  /** Connections at once; one more takes the place of an idle one. */
  readonly connections: number
  /** Reviews under way at once, from their first byte on; one more has the oldest give way that still arrives, and is sent away with 503 where none does. */
  readonly reviewsInFlight: number
  /** Bytes of the bodies of all reviews under way together, beyond the first 64 KiB of each; a body for which none gives way is sent away with 503. */
  readonly bodyBytes: number
  /** Bytes of one body. */
  readonly largestBody: number
  /** How long a body that holds room may take, once there is none for another. */
  readonly bodyPatience: number
  /** How long a body may take to arrive. */
  readonly bodyTimeout: number
  /** How long `close` waits for requests under way. */
  readonly closeDeadline: number
}

/**
 * What an API server may send, in bytes: an UPDATE carries an object of up to 3 MiB (apiserver MaxRequestBodyBytes) and an
 * old one of up to 1.5 MiB (etcd's limit of a request), and Go's encoder writes each `<`, `>` and `&` as six bytes: 27 MiB.
 * A patch may add its 3 MiB to the old object before the store would refuse the new one: 36 MiB, and the frame.
 */
const largestBody = 40 * 1024 * 1024

export const defaultWebhookLimits: WebhookLimits = {
  lookupBudget: 800, // a person at a terminal does not notice it, and it fits into the shortest timeout of 1 s
  connections: 600, // some 100 KiB each; one for each review under way, and some to be told 503
  reviewsInFlight: 500, // far beyond what one API server asks at once; what waits holds its body in memory
  bodyBytes: 48 * 1024 * 1024, // one of the largest and others: with all else it fits into the memory limit
  largestBody,
  bodyPatience: 1_000, // an API server sends the largest within this, and repeats what it is told to after it
  bodyTimeout: 5_000, // slow, and still no attack
  closeDeadline: 5_000, // longer than the usual `timeoutSeconds: 3`, so whatever can still be answered is
}
