import { ChannelError } from '../notification/index.ts'
import { passes } from './post.ts'

/** An answer that was no success. */
export interface Refused {
  readonly status: number
  /** Who answered what; holds no secret. */
  readonly said: string
  /** Epoch milliseconds; undefined where the answer does not say it. */
  readonly retryAt: number | undefined
  /** What to do where it will not pass by itself. */
  readonly remedy: string
}

/** The error of an answer. */
export function refusal({ status, said, retryAt, remedy }: Refused): ChannelError {
  if (passes(status)) return new ChannelError('temporary', said, retryAt === undefined ? {} : { retryAt })
  const isRedirect = status >= 300 && status < 400
  const next = isRedirect ? 'redirects are not followed: configure where it leads to' : remedy
  return new ChannelError('permanent', `${said}: ${next}`)
}
