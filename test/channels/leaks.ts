import { inspect } from 'node:util'
import type { Test } from 'tap'
import { ChannelError, type Channel } from '../../src/notification/index.ts'
import { messages } from './messages.ts'

/** The error with which a channel does not deliver a message; it fails the test where there is a secret in any part of it. */
export async function refusalOf(
  t: Test,
  channel: Channel,
  secrets: readonly string[],
): Promise<ChannelError> {
  try {
    await channel.send(messages.change, new AbortController().signal)
  } catch (error) {
    return judged(t, error, secrets)
  }
  throw new Error('it was delivered')
}

/** The error of a channel, which has to be one and to hold no secret. */
export function judged(t: Test, error: unknown, secrets: readonly string[]): ChannelError {
  const shown = [
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
    error instanceof Error ? `${error.message} ${error.stack}` : '',
  ].join('\n')
  for (const secret of secrets) t.notOk(shown.includes(secret), `no secret in ${shown}`)
  if (!(error instanceof ChannelError)) throw error
  return error
}

/** The channel for somebody who may stop it. */
export function stoppable(channel: Channel, signal: AbortSignal): Channel {
  return { name: channel.name, send: message => channel.send(message, signal) }
}
