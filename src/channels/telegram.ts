import { ChannelError, type Channel, type CommandForm } from '../notification/index.ts'
import { htmlEscaped, htmlPart, htmlTotals } from './html.ts'
import { messageOf, type Message } from './message.ts'
import { pack } from './pack.ts'
import { post, type PostAnswer, type PostOptions } from './post.ts'
import { refusal } from './refusal.ts'
import { saidBy } from './secrets.ts'

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
// A digest is read on a telephone.
const mostMessages = 3
const mostImages = 40

/**
 * A channel to Telegram.
 * @throws ChannelError where the token is none.
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
    async send(digest, signal) {
      for (const text of telegramTexts(messageOf(digest, { commands, mostImages }))) {
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

/** The message with Telegram's marks, in as few texts as it fits into; what does not fit into three is left out and counted. */
export function telegramTexts(message: Message): readonly string[] {
  const parts = [...message.sections.map(htmlPart), ...htmlTotals(message)]
  return pack([`<b>${htmlEscaped(message.subject)}</b>`], parts, {
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
  const parameters = field(value, 'parameters')
  const description = field(value, 'description')
  const seconds = field(parameters, 'retry_after')
  const chat = field(parameters, 'migrate_to_chat_id')
  return {
    // What is no answer of Telegram comes from something on the way: a page for people.
    description: typeof description === 'string' ? description : '',
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

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
