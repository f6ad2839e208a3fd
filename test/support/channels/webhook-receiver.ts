import { createHmac, timingSafeEqual } from 'node:crypto'

import type { Test } from 'tap'

import { webhookServer, type Received, type Reply, type WebhookServer } from './webhook-server.ts'

/** A receiver that takes what is signed with its key and no older than five minutes, as its operator would write it. */
export function webhookReceiver(
  t: Test,
  { key, now, reply }: { readonly key: string; readonly now: () => number; readonly reply?: Reply },
): Promise<WebhookServer> {
  return webhookServer(t, {
    reply: request => {
      if (!isSigned(request, key)) return { status: 401, body: 'the signature is wrong' }
      const timestamp = Number(request.headers['x-patchline-timestamp'])
      if (Math.abs(now() / 1000 - timestamp) > 300) return { status: 401, body: 'too old' }
      return reply ?? { status: 204 }
    },
  })
}

/** Whether a request bears the signature of a key. */
export function isSigned({ headers, body }: Received, key: string): boolean {
  const timestamp = String(headers['x-patchline-timestamp'])
  const expected = createHmac('sha256', key).update(timestamp).update('.').update(body).digest()
  const given = Buffer.from(String(headers['x-patchline-signature-256']).replace(/^sha256=/, ''), 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
