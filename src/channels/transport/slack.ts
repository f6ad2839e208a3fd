import { IncomingWebhook } from '@slack/webhook'
import type { Channel, ChannelError, CommandForm } from '../../notification/index.ts'
import { shorten } from '../../text/index.ts'
import { pack, type Part } from '../message/pack.ts'
import {
  renderMessage,
  type Entry,
  type Link,
  type RenderedMessage,
  type Section,
} from '../message/rendered-message.ts'
import { addressOf, post, retryAt, type PostAnswer, type PostOptions } from './post.ts'
import { refusal, saidBy, secretsOf } from './refusal.ts'

/** An incoming webhook of Slack, or of a service that accepts the same messages. */
export interface SlackOptions extends PostOptions {
  readonly name: string
  /** The secret: with it one can write to the channel. It is in no error and no log line. */
  readonly url: string
  readonly commands: CommandForm | 'none'
  readonly now: () => number
}

// More would not fit into one message together with their commands.
const mostImages = 30

/**
 * Creates a channel to Slack.
 * @throws ChannelError where the address is not a URL.
 */
export function createSlackChannel(options: SlackOptions): Channel {
  const { name, commands, now } = options
  const url = addressOf(name, options.url)
  return {
    name,
    async send(message, signal) {
      const answers: PostAnswer[] = []
      const faults: unknown[] = []
      const headers = { 'content-type': 'application/json' }
      const webhook = webhookFor(url, async body => {
        try {
          const answer = await post({ channel: name, url, headers, body }, options, signal)
          answers.push(answer)
          return answer
        } catch (error) {
          faults.push(error)
          throw error
        }
      })
      const { blocks, ...rest } = slackMessageOf(renderMessage(message, { commands, mostImages }))
      try {
        await webhook.send({ ...rest, blocks: [...blocks] })
      } catch {
        // The error of the library has the response and the cause in it, and may hold the address.
        const [answer] = answers
        throw answer === undefined ? faults[0] : refusalOf(answer, { name, url, now: now() })
      }
    },
  }
}

// The library hides Retry-After and the body of a refusal, and reads responses of any size: it gets a fetch that does not.
function webhookFor(url: URL, send: (body: string) => Promise<PostAnswer>): IncomingWebhook {
  return new IncomingWebhook(url.href, {
    fetch: async (_, init = {}) => {
      const { status, text } = await send(typeof init.body === 'string' ? init.body : '')
      return {
        ok: status >= 200 && status < 300,
        status,
        statusText: '',
        url: '',
        headers: new Headers(),
        text: async () => text,
        json: async () => JSON.parse(text),
        arrayBuffer: async () => new TextEncoder().encode(text).buffer,
      }
    },
  })
}

// What Slack says, and what that means for the person who configured it (docs.slack.dev, sending messages using incoming webhooks).
const remedies: Readonly<Record<string, string>> = {
  no_service: 'the webhook was removed or disabled: make a new one',
  no_service_id: 'the webhook was removed: make a new one',
  no_team: 'the workspace is gone',
  team_disabled: 'the workspace is disabled',
  channel_not_found: 'its Slack channel is gone: make a webhook for another one',
  channel_is_archived: 'its Slack channel is archived: bring it back, or make a webhook for another one',
  action_prohibited: 'an administrator of the workspace does not allow it',
  posting_to_general_channel_denied: 'only administrators may write to that Slack channel',
  user_not_found: 'the user is gone',
  invalid_token: 'the address is wrong: make a new webhook',
  invalid_payload: 'Slack does not take the message: this is a mistake of Patchline, please report it',
  invalid_blocks: 'Slack does not take the message: this is a mistake of Patchline, please report it',
}

function refusalOf(
  { status, retryAfter, text }: PostAnswer,
  { name, url, now }: { readonly name: string; readonly url: URL; readonly now: number },
): ChannelError {
  const word = text.trim()
  return refusal({
    status,
    said: `${name}: Slack answered ${status}${saidBy(text, secretsOf(url))}`,
    retryAt: retryAt(retryAfter, now),
    remedy:
      (Object.hasOwn(remedies, word) ? remedies[word] : undefined) ?? 'check the address of the webhook',
  })
}

/** The body of an incoming webhook of Slack: a text for notifications, and blocks. */
export interface SlackMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
  readonly unfurl_links: false
  readonly unfurl_media: false
}

type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | {
      readonly type: 'section'
      /** Verbatim: else Slack makes links of `@here`, `#general` and addresses that stand in names. */
      readonly text: { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true }
    }

// docs.slack.dev: 50 blocks, 150 characters in a header, 3000 in a section. Messages whose blocks hold some 11,000
// characters together have been refused (msg_blocks_too_long), which is documented nowhere.
const mostBlocks = 50
const longestHeader = 150
const longestSection = 3_000
const longestTogether = 10_000

/** The message in Slack's markup, shortened to what Slack accepts; what is left out is counted. */
export function slackMessageOf({ subject, sections, totals }: RenderedMessage): SlackMessage {
  const title = shorten(subject, longestHeader)
  const text = plain(subject)
  const last = totals === undefined ? [] : [{ title: plain(totals), items: [], more: 0 }]
  const texts = pack([], [...sections.map(partOf), ...last], {
    chunk: longestSection,
    chunks: mostBlocks - 1,
    together: longestTogether - title.length - text.length,
    apart: true,
  })
  const blocks = texts.map((part): SlackBlock => ({
    type: 'section',
    text: { type: 'mrkdwn', text: part, verbatim: true },
  }))
  return {
    text,
    blocks: [{ type: 'header', text: { type: 'plain_text', text: title } }, ...blocks],
    unfurl_links: false,
    unfurl_media: false,
  }
}

function partOf({ title, entries, more }: Section): Part {
  return { title: `*${title}*`, items: entries.map(entryText), more }
}

function entryText({ image, after, links, places, command, hints }: Entry): string {
  return [
    `• ${code(image)}${plain(after)}${linksText(links)}`,
    ...places.map(place => `    ${plain(place)}`),
    // No command holds a backtick: it is made of names that Kubernetes takes, and of references.
    ...(command === undefined ? [] : [`\`\`\`${escaped(command)}\`\`\``]),
    ...hints.map(hint => `    _${plain(hint)}_`),
  ].join('\n')
}

// No address has a bar or a space in it: it is made of a known host and the characters of a repository and a tag, or was checked.
function linksText(links: readonly Link[]): string {
  const marked = links.map(({ label, url }) => `<${escaped(url)}|${label}>`)
  return marked.length === 0 ? '' : ` (${marked.join(', ')})`
}

/** Slack's rule: these three characters, and nothing else, are escaped. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

// There is no way to write a backtick: one in a name would begin or end code.
function plain(text: string): string {
  return escaped(text).replaceAll('`', "'")
}

function code(text: string): string {
  return `\`${plain(text)}\``
}
