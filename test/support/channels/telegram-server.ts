import type { Test } from 'tap'

import { webhookServer, type Received, type Reply, type WebhookServer } from './webhook-server.ts'

/** The secret of the bot. */
export const telegramToken = '123456789:AAtopSecret-topSecret_topSecretAAA'
/** The only chat that it may write to. */
export const telegramChat = '-1001234567890'

/** A server that answers as the Bot API does, or what it is told to. */
export function telegramServer(t: Test, reply?: Reply): Promise<WebhookServer> {
  return webhookServer(t, { reply: request => reply ?? judge(request) })
}

// core.telegram.org/bots/api, making requests and sendMessage.
function judge({ path, body }: Received): Reply {
  if (path !== `/bot${telegramToken}/sendMessage`) return refused(401, 'Unauthorized')
  const { chat_id: chat, text, parse_mode: mode } = JSON.parse(body)
  if (chat !== telegramChat) return refused(400, 'Bad Request: chat not found')
  if (mode !== 'HTML' || typeof text !== 'string') return refused(400, 'Bad Request: message text is empty')
  const plain = withoutEntities(text)
  if (plain === undefined) return refused(400, "Bad Request: can't parse entities")
  if (plain.trim() === '') return refused(400, 'Bad Request: message text is empty')
  if (plain.length > 4096) return refused(400, 'Bad Request: message is too long')
  return { status: 200, body: JSON.stringify({ ok: true, result: { message_id: 1 } }) }
}

/** An answer of the Bot API to what it does not take. */
export function refused(status: number, description: string, parameters?: object): Reply {
  const answer = {
    ok: false,
    error_code: status,
    description,
    ...(parameters !== undefined && { parameters }),
  }
  return { status, body: JSON.stringify(answer) }
}

/** The text without its marks; undefined where it is no HTML that Telegram reads. */
export function withoutEntities(html: string): string | undefined {
  const open: string[] = []
  let text = ''
  for (const [token, slash, name, entity] of html.matchAll(
    /<(\/?)(a|b|i|code|pre)(?: href="[^"<>]*")?>|&(amp|lt|gt|quot);|[^]/gu,
  )) {
    if (name !== undefined && slash === '') open.push(name)
    else if (name !== undefined) {
      if (open.pop() !== name) return undefined
    } else if (entity !== undefined) text += meanings[entity] ?? ''
    else if (/[<>&]/.test(token)) return undefined
    else text += token
  }
  return open.length === 0 ? text : undefined
}

const meanings: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
