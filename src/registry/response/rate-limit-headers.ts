import { headerOf, type RegistryResponse } from './response.ts'

/** The requests that are left, as a response says. */
export interface RemainingRequests {
  readonly remaining: number
  /** The limit; undefined if the response does not have it. */
  readonly limit: number | undefined
  /** When it counts anew, or where that is not said, when it is worth asking: epoch milliseconds, an hour ahead at most. */
  readonly resetAt: number
}

// Docker Hub, GitLab and the drafts of the IETF say the first; hub.docker.com, GitHub and many proxies the second.
const prefixes = ['ratelimit', 'x-ratelimit']

/** The requests that are left by the headers of a response; undefined if they do not say so. */
export function remainingRequests(
  response: Pick<RegistryResponse, 'headers'>,
  now: number,
): RemainingRequests | undefined {
  for (const prefix of prefixes) {
    const left = quantityOf(headerOf(response, `${prefix}-remaining`))
    if (left === undefined) continue
    const limit = quantityOf(headerOf(response, `${prefix}-limit`))
    const window = left.window ?? limit?.window
    const wait = waitUntilReset(headerOf(response, `${prefix}-reset`), now) ?? window
    return { remaining: left.count, limit: limit?.count, resetAt: instantAfter(wait, now) }
  }
  return undefined
}

interface Quantity {
  readonly count: number
  /** In milliseconds. */
  readonly window: number | undefined
}

// `76;w=21600` or `76`; of a list the first, which is the limit that is nearest (draft-ietf-httpapi-ratelimit-headers-03, 2.1).
function quantityOf(header: string | undefined): Quantity | undefined {
  const [, count, window] = /^\s*(\d{1,9})(?:\s*;\s*w=(\d{1,9}))?\s*(?:[,;]|$)/.exec(header ?? '') ?? []
  if (count === undefined) return undefined
  return { count: Number(count), window: window === undefined ? undefined : Number(window) * 1000 }
}

// Seconds from now, or an epoch in seconds or milliseconds: what is above a billion is no wait of 30 years.
function waitUntilReset(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (!/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) return undefined
  const value = Number(text)
  if (value < 1e9) return value * 1000
  return (value < 1e12 ? value * 1000 : value) - now
}

const oneSecond = 1_000
// For a response that names no time. Docker Hub's and GHCR's abuse limits count by the minute.
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

/** The wait that a response asks for: `Retry-After`, or Docker Hub's `X-Retry-After`, which is an instant in Unix seconds. */
export function retryHeaderOf(response: Pick<RegistryResponse, 'headers'>): string | undefined {
  const own = headerOf(response, 'retry-after')
  const hub = headerOf(response, 'x-retry-after')
  if (own !== undefined || hub === undefined || !/^\d{10}$/.test(hub)) return own
  return new Date(Number(hub) * oneSecond).toUTCString()
}

/** The instant after a wait in milliseconds, within the same bounds; a minute where the wait is not known. */
export function instantAfter(wait: number | undefined, now: number): number {
  return now + Math.min(longest, Math.max(oneSecond, wait ?? unsaid))
}

/** Whether an instant is still to come. One beyond the bounds was set before the clock was turned back, and no longer holds. */
export function isAhead(instant: number | undefined, now: number): instant is number {
  return instant !== undefined && instant > now && instant <= now + longest
}

function waitOf(text: string, now: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * oneSecond
  if (!/^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant - now
}
