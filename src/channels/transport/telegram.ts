import { at, member, textOf } from '../../json/index.ts'
import { ChannelError, type Channel, type CommandForm } from '../../notification/index.ts'
import { htmlEscaped, htmlPart, htmlTotals } from '../message/html.ts'
import { pack } from '../message/pack.ts'
import { renderMessage, type RenderedMessage } from '../message/rendered-message.ts'
import { post, type PostAnswer, type PostOptions } from './post.ts'
import { refusal, saidBy } from './refusal.ts'

/** A chat that a bot of Telegram may write to. */
export interface TelegramOptions extends PostOptions {
  readonly name: string
  /** The secret; it is a part of the address, which is therefore in no error. */
  readonly token: string
  /** The number of a chat, or `@channel`. */
  readonly chat: string
  readonly commands: CommandForm | 'none'
  /** `https://api.telegram.org`, or a server of one's own. */
  readonly origin: string
  readonly now: () => number
}

// core.telegram.org/bots/api: 1-4096 characters after the entities are read; the marks count in no case less.
const longestMessage = 4_096
// A message is read on a telephone.
const mostMessages = 3
const mostImages = 40

/**
 * Creates a channel to a chat of Telegram.
 * @throws ChannelError where the token does not have the form of one.
 */
export function createTelegramChannel(options: TelegramOptions): Channel {
  const { name, token, chat, commands, origin } = options
  if (!/^\d+:[\w-]+$/.test(token))
    throw new ChannelError(
      'permanent',
      `${name}: its token has not the form 123456:ABC-def, as @BotFather gives it`,
    )
  const url = new URL(`/bot${token}/sendMessage`, origin)
  const headers = { 'content-type': 'application/json' }
  return {
    name,
    async send(message, signal) {
      for (const text of telegramTexts(renderMessage(message, { commands, mostImages }))) {
        const body = JSON.stringify({
          chat_id: chat,
          text,
          parse_mode: 'HTML',
          link_preview_options: { is_disabled: true },
        })
        // oxlint-disable-next-line eslint/no-await-in-loop -- in the order in which they are read
        const answer = await post({ channel: name, url, headers, body }, options, signal)
        if (answer.status !== 200) throw refusalOf(answer, options)
      }
    },
  }
}

/** The message in Telegram's HTML, in as few texts as possible; what does not fit into three is left out and counted. */
export function telegramTexts(rendered: RenderedMessage): readonly string[] {
  const parts = [...rendered.sections.map(htmlPart), ...htmlTotals(rendered)]
  return pack([`<b>${htmlEscaped(rendered.subject)}</b>`], parts, {
    chunk: longestMessage,
    chunks: mostMessages,
    together: mostMessages * longestMessage,
    apart: false,
  })
}

function refusalOf({ status, text }: PostAnswer, { name, token, now }: TelegramOptions): ChannelError {
  const { description, retryAfter, supergroup } = readError(text)
  const moved = `the group has become a supergroup: its chat is ${supergroup} now`
  return refusal({
    status,
    said: `${name}: Telegram answered ${status}${saidBy(description, [token, token.replace(/^\d+:/, '')])}`,
    retryAt: retryAfter === undefined ? undefined : now() + Math.min(longestWait, retryAfter) * 1000,
    remedy: supergroup === undefined ? (remedies[status] ?? 'check the token and the chat') : moved,
  })
}

const longestWait = 3_600

const remedies: Readonly<Record<number, string>> = {
  401: 'the token is wrong or was revoked: ask @BotFather for another',
  403: 'the bot may not write there: add it to the chat',
  400: 'check the chat: its number, and that the bot is in it',
  404: 'the token is wrong: ask @BotFather for it',
}

interface TelegramError {
  readonly description: string
  /** Seconds. */
  readonly retryAfter: number | undefined
  /** The chat that a group has become. */
  readonly supergroup: number | undefined
}

function readError(text: string): TelegramError {
  const value = parsed(text)
  const seconds = at(value, ['parameters', 'retry_after'])
  const chat = at(value, ['parameters', 'migrate_to_chat_id'])
  return {
    // A response that is not Telegram's comes from a proxy: a page for people.
    description: textOf(member(value, 'description')),
    retryAfter: typeof seconds === 'number' && seconds > 0 ? seconds : undefined,
    supergroup: typeof chat === 'number' ? chat : undefined,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
