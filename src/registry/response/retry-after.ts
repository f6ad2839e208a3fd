import { headerOf, type Answer } from './answer.ts'

const oneSecond = 1_000
// What nobody has said. Docker Hub's and GHCR's abuse limits count by the minute.
const unsaid = 60 * oneSecond
// A registry that says "next year" must not be forgotten for ever: after an hour it is asked again.
const longest = 3_600 * oneSecond

/**
 * The instant (epoch milliseconds) that a `Retry-After` header names: seconds or an HTTP date (RFC 9110, 10.2.3); never
 * less than a second (0 would ask for a storm) nor more than an hour ahead; a minute where it is absent or unreadable.
 */
export function retryAtOf(header: string | undefined, now: number): number {
  return instantAfter(waitOf(header?.trim() ?? '', now), now)
}

/** The wait that an answer asks for: `Retry-After`, or Docker Hub's `X-Retry-After`, which is an instant in Unix seconds. */
export function retryHeaderOf(answer: Pick<Answer, 'headers'>): string | undefined {
  const own = headerOf(answer, 'retry-after')
  const hub = headerOf(answer, 'x-retry-after')
  if (own !== undefined || hub === undefined || !/^\d{10}$/.test(hub)) return own
  return new Date(Number(hub) * oneSecond).toUTCString()
}

/** The instant after a wait in milliseconds, within the same bounds; a minute where the wait is not known. */
export function instantAfter(wait: number | undefined, now: number): number {
  return now + Math.min(longest, Math.max(oneSecond, wait ?? unsaid))
}

/** Whether an instant is still to come. One beyond the bounds was set before somebody turned the clock back: it no longer holds. */
export function isAhead(instant: number | undefined, now: number): instant is number {
  return instant !== undefined && instant > now && instant <= now + longest
}

function waitOf(text: string, now: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * oneSecond
  if (!/^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant - now
}
