import { headerOf, type Answer } from './answer.ts'
import { instantAfter } from './retry-after.ts'

/** What an answer says of the requests that are left. */
export interface RemainingRequests {
  readonly remaining: number
  /** Of how many; undefined where it is not said. */
  readonly limit: number | undefined
  /** When it counts anew, or where that is not said, when it is worth asking: epoch milliseconds, an hour ahead at most. */
  readonly resetAt: number
}

// Docker Hub, GitLab and the drafts of the IETF say the first; hub.docker.com, GitHub and many proxies the second.
const prefixes = ['ratelimit', 'x-ratelimit']

/** The requests that are left by the headers of an answer; undefined where they say nothing that can be read. */
export function remainingRequests(
  answer: Pick<Answer, 'headers'>,
  now: number,
): RemainingRequests | undefined {
  for (const prefix of prefixes) {
    const left = quantityOf(headerOf(answer, `${prefix}-remaining`))
    if (left === undefined) continue
    const limit = quantityOf(headerOf(answer, `${prefix}-limit`))
    const window = left.window ?? limit?.window
    const wait = waitUntilReset(headerOf(answer, `${prefix}-reset`), now) ?? window
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
