import type { Message } from './message.ts'

export type ChannelErrorCode =
  | 'temporary' // the same message may be sent again
  | 'permanent' // it will never be taken: the channel's configuration has to be changed

/** A message was not delivered. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError'
  readonly code: ChannelErrorCode
  /** When it may be sent again at the earliest, in epoch milliseconds. */
  readonly retryAt: number | undefined

  constructor(code: ChannelErrorCode, message: string, options: { retryAt?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.retryAt = options.retryAt
  }
}

/** The transport of messages: one Slack webhook, one mailbox, one chat. */
export interface Channel {
  /** As the configuration names it. */
  readonly name: string
  /**
   * Delivers one message.
   * @throws ChannelError whose text holds no secret.
   */
  send(message: Message, signal: AbortSignal): Promise<void>
}

/** What has to survive a restart and a change of leader, as one text. */
export interface StateStore {
  /** Undefined where there is none yet. @throws Error where it cannot be read: nothing may be told then. */
  load(signal: AbortSignal): Promise<string | undefined>
  /** @throws Error where it could not be stored, also because another process stored something else meanwhile. */
  save(text: string, signal: AbortSignal): Promise<void>
}
