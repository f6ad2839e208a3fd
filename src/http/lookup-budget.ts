/** What the API server waits where it does not say (admissionregistration/v1 types.go), in milliseconds. */
const defaultTimeout = 10_000

/** What the way back to the API server may take, in milliseconds: our answer must be there before it gives up. */
const margin = 250

// Go's Duration.String() of the whole seconds that the API server sends: 3s, 30s, 1m30s.
const duration = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/

/**
 * How long a review's first look-ups may take, in milliseconds: what is configured, but less than the time that the API
 * server told in `?timeout=`, and never less than 0.
 */
export function lookupBudget(timeout: unknown, configured: number): number {
  return Math.max(0, Math.min(configured, readTimeout(timeout) - margin))
}

/** The milliseconds that a `?timeout=` stands for; the API server's default where it is missing or no duration. */
export function readTimeout(text: unknown): number {
  if (typeof text !== 'string' || text === '') return defaultTimeout
  const parts = duration.exec(text)
  if (parts === null) return defaultTimeout
  const [, hours = '0', minutes = '0', seconds = '0'] = parts
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}
