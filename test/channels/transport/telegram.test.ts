import t from 'tap'
import { createTelegramChannel } from '../../../src/channels/transport/telegram.ts'
import type { Channel } from '../../../src/notification/index.ts'
import {
  refused,
  telegramChat,
  telegramServer,
  telegramToken,
} from '../../support/channels/telegram-server.ts'
import type { Reply } from '../../support/channels/webhook-server.ts'
import { direct } from '../direct.ts'
import { judged, refusalOf } from '../leaks.ts'
import { at, messageWith, messages, findings } from '../messages.ts'

const secrets = [telegramToken, 'AAtopSecret', 'topSecret_topSecret']

interface Given {
  readonly token?: string
  readonly chat?: string
  readonly timeout?: number
}

function channelTo(
  origin: string,
  { token = telegramToken, chat = telegramChat, timeout = 10_000 }: Given = {},
): Channel {
  return createTelegramChannel({
    name: 'phone',
    origin,
    token,
    chat,
    commands: 'set-image',
    timeout,
    now: () => at,
    connections: direct(),
  })
}

t.test('Telegram takes every message', async t => {
  const telegram = await telegramServer(t)
  for (const given of Object.values(messages))
    await channelTo(telegram.origin).send(given, new AbortController().signal)
  t.equal(telegram.received.length, 7)
  t.strictSame(JSON.parse(telegram.received[3]?.body ?? ''), {
    chat_id: telegramChat,
    text: '<b>patchline (prod-eu): all 240 containers are up to date</b>',
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  })
})

t.test('a large digest comes in several messages', async t => {
  const telegram = await telegramServer(t)
  const rows = Array.from({ length: 500 }, (_, at) => ({
    image: `acme/w${at}:1.25.1`,
    name: `web-${at}`,
    newest: '1.25.5',
  }))
  await channelTo(telegram.origin).send(
    messageWith({ appeared: findings(rows) }),
    new AbortController().signal,
  )
  t.equal(telegram.received.length, 3)
  t.match(telegram.received[2]?.body, /and \d+ more\b/)
})

t.test('what the server itself refuses', async t => {
  const { origin } = await telegramServer(t)
  t.match(await refusalOf(t, channelTo(origin, { token: '1:another-secret' }), ['another-secret']), {
    code: 'permanent',
    message:
      'phone: Telegram answered 401 "Unauthorized": the token is wrong or was revoked: ask @BotFather for another',
  })
  t.match(await refusalOf(t, channelTo(origin, { chat: '@nobody' }), secrets), {
    code: 'permanent',
    message:
      'phone: Telegram answered 400 "Bad Request: chat not found": check the chat: its number, and that the bot is in it',
  })
})

const refusals: readonly (readonly [Reply, 'temporary' | 'permanent', string, number?])[] = [
  [
    refused(429, 'Too Many Requests: retry after 34', { retry_after: 34 }),
    'temporary',
    'phone: Telegram answered 429 "Too Many Requests: retry after 34"',
    at + 34_000,
  ],
  [
    refused(429, 'Too Many Requests', { retry_after: 86_400 }),
    'temporary',
    'phone: Telegram answered 429 "Too Many Requests"',
    at + 3_600_000,
  ],
  [refused(429, 'Too Many Requests'), 'temporary', 'phone: Telegram answered 429 "Too Many Requests"'],
  [{ status: 502, body: '<html>Bad Gateway</html>' }, 'temporary', 'phone: Telegram answered 502'],
  [
    refused(403, 'Forbidden: bot was kicked from the supergroup chat'),
    'permanent',
    'phone: Telegram answered 403 "Forbidden: bot was kicked from the supergroup chat": the bot may not write there: add it to the chat',
  ],
  [
    refused(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: -1_009_876_543_210,
    }),
    'permanent',
    'phone: Telegram answered 400 "Bad Request: group chat was upgraded to a supergroup chat": the group has become a supergroup: its chat is -1009876543210 now',
  ],
  [
    refused(404, `Not Found: /bot${telegramToken}/sendMessage`),
    'permanent',
    'phone: Telegram answered 404 "Not Found: /bot***/sendMessage": the token is wrong: ask @BotFather for it',
  ],
  [{ status: 409, body: 'null' }, 'permanent', 'phone: Telegram answered 409: check the token and the chat'],
  ['reset', 'temporary', 'phone: it closed the connection'],
  ['silence', 'temporary', 'phone: no answer within 1 s'],
]

for (const [reply, code, message, retryAt] of refusals)
  t.test(`${typeof reply === 'string' ? reply : JSON.stringify(reply)} is ${code}`, async t => {
    const { origin } = await telegramServer(t, reply)
    const timeout = reply === 'silence' ? 1_000 : 10_000
    const error = await refusalOf(t, channelTo(origin, { timeout }), secrets)
    t.equal(error.code, code)
    t.equal(error.message, message)
    t.equal(error.retryAt, retryAt)
  })

for (const token of ['', 'secretsecret', '123:secret/secret', '123:secretsecret\n'])
  t.test(`no token: ${JSON.stringify(token)}`, async t => {
    try {
      channelTo('https://api.telegram.org', { token })
      t.fail('it was taken')
    } catch (error) {
      const expected = 'phone: its token has not the form 123456:ABC-def, as @BotFather gives it'
      t.equal(judged(t, error, ['secret']).message, expected)
    }
  })
