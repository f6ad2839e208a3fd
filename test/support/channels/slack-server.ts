import type { Test } from 'tap'

import { webhookServer, type Received, type Reply, type WebhookServer } from './webhook-server.ts'

/** The path of the webhook, which is its secret. */
export const slackPath = '/services/T00000000/B00000000/XtopSecretXtopSecretX123'

/** A server that takes messages as Slack does, or replies what it is told to. */
export async function slackServer(t: Test, reply?: Reply): Promise<WebhookServer & { readonly url: string }> {
  const server = await webhookServer(t, { reply: request => reply ?? judge(request) })
  return { ...server, url: `${server.origin}${slackPath}` }
}

// docs.slack.dev: what an incoming webhook answers to a message that it does not take.
function judge({ method, path, headers, body }: Received): Reply {
  if (path !== slackPath) return { status: 404, body: 'no_service' }
  if (method !== 'POST' || headers['content-type'] !== 'application/json')
    return { status: 400, body: 'invalid_payload' }
  const message: unknown = JSON.parse(body)
  const blocks = field(message, 'blocks')
  if (typeof field(message, 'text') !== 'string') return { status: 400, body: 'no_text' }
  if (!Array.isArray(blocks) || blocks.length > 50 || !blocks.every(isBlock))
    return { status: 400, body: 'invalid_blocks' }
  return { status: 200, body: 'ok' }
}

function isBlock(block: unknown): boolean {
  const text = field(block, 'text')
  const length = String(field(text, 'text')).length
  if (field(block, 'type') === 'header')
    return field(text, 'type') === 'plain_text' && length >= 1 && length <= 150
  return (
    field(block, 'type') === 'section' && field(text, 'type') === 'mrkdwn' && length >= 1 && length <= 3000
  )
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
