import { createHmac, randomUUID } from 'node:crypto'
import type { Channel } from '../../notification/index.ts'
import { documentOf } from '../message/document.ts'
import { addressOf, post, retryAt, type PostOptions } from './post.ts'
import { refusal, saidBy, secretsOf } from './refusal.ts'

/** A URL that takes JSON. */
export interface WebhookOptions extends PostOptions {
  readonly name: string
  /** May be a secret, as that of Slack is. */
  readonly url: string
  /** The key of the signature; without it there is none. */
  readonly secret?: string
  readonly now: () => number
}

/**
 * Creates a channel that posts each message as one JSON document. With a secret, `X-Patchline-Signature-256` is `sha256=` and the
 * HMAC-SHA-256 in hexadecimal of `X-Patchline-Timestamp`, a dot and the body, so that neither can be changed or replayed.
 * @throws ChannelError where the address is not a URL.
 */
export function createWebhookChannel(options: WebhookOptions): Channel {
  const { name, secret, now } = options
  const url = addressOf(name, options.url)
  return {
    name,
    async send(message, signal) {
      const body = JSON.stringify(documentOf(message))
      const timestamp = String(Math.floor(now() / 1000))
      const headers = {
        'content-type': 'application/json',
        'x-patchline-delivery': randomUUID(),
        'x-patchline-timestamp': timestamp,
        ...(secret !== undefined && { 'x-patchline-signature-256': signatureOf(secret, timestamp, body) }),
      }
      const { status, retryAfter, text } = await post({ channel: name, url, headers, body }, options, signal)
      if (status >= 200 && status < 300) return
      throw refusal({
        status,
        said: `${name}: it answered ${status}${saidBy(text, [...secretsOf(url), ...(secret === undefined ? [] : [secret])])}`,
        retryAt: retryAt(retryAfter, now()),
        remedy: 'check its address and its secret',
      })
    },
  }
}

function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}
