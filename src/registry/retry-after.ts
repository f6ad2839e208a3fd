const oneSecond = 1_000
// What nobody has said. Docker Hub's and GHCR's abuse limits count by the minute.
const unsaid = 60 * oneSecond
// A registry that says "next year" must not be forgotten for ever: after an hour one request asks again.
const longest = 3_600 * oneSecond

/**
 * The instant (epoch milliseconds) that a `Retry-After` header names: seconds or an HTTP date (RFC 9110, 10.2.3); never
 * less than a second (0 would ask for a storm) nor more than an hour ahead; a minute where it is absent or unreadable.
 */
export function retryAtOf(header: string | undefined, now: number): number {
  return now + Math.min(longest, Math.max(oneSecond, waitOf(header?.trim() ?? '', now)))
}

function waitOf(text: string, now: number): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * oneSecond
  if (!/^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return unsaid
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? unsaid : instant - now
}
