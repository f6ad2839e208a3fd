import { IncomingWebhook } from '@slack/webhook'
import type { Channel, ChannelError, CommandForm } from '../notification/index.ts'
import { messageOf } from './message.ts'
import { addressOf, post, retryAt, type PostAnswer, type PostOptions } from './post.ts'
import { refusal } from './refusal.ts'
import { saidBy, secretsOf } from './secrets.ts'
import { slackMessageOf } from './slack-blocks.ts'

/** An incoming webhook of Slack, or of what takes the same messages. */
export interface SlackOptions extends PostOptions {
  readonly name: string
  /** The secret: who knows it can write to the channel. It is in no error and no log line. */
  readonly url: string
  readonly commands: CommandForm | 'none'
  readonly now: () => number
}

// More would not fit into one message together with their commands.
const mostImages = 30

/**
 * A channel to Slack.
 * @throws ChannelError where the address is none.
 */
export function createSlackChannel(options: SlackOptions): Channel {
  const { name, commands, now } = options
  const url = addressOf(name, options.url)
  return {
    name,
    async send(digest, signal) {
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
      const { blocks, ...message } = slackMessageOf(messageOf(digest, { commands, mostImages }))
      try {
        await webhook.send({ ...message, blocks: [...blocks] })
      } catch {
        // What the library throws has the answer and the cause in it, and may hold the address.
        const [answer] = answers
        throw answer === undefined ? faults[0] : refusalOf(answer, { name, url, now: now() })
      }
    },
  }
}

// The library tells neither Retry-After nor what a refusal was, and reads answers of any size: its fetch is ours.
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

// What Slack says, and what that means to whoever configured it (docs.slack.dev, sending messages using incoming webhooks).
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
