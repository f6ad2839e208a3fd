import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import { proxyChoice, proxyFromEnvironment } from '../egress/index.ts'
import { ChannelError, type Channel, type CommandForm } from '../notification/index.ts'
import { createEmailChannel, type EmailOptions } from './transport/email.ts'
import { addressOf } from './transport/post.ts'
import { createSlackChannel } from './transport/slack.ts'
import { createTelegramChannel } from './transport/telegram.ts'
import { createWebhookChannel } from './transport/webhook.ts'

/** The settings of a channel, its secrets and files read. */
export type ChannelSettings = SlackSettings | EmailSettings | TelegramSettings | WebhookSettings

interface SlackSettings {
  readonly name: string
  readonly kind: 'slack'
  /** A secret. */
  readonly url: string
  readonly commands: CommandForm | 'none'
  /** PEM text. */
  readonly ca?: string
}

interface EmailSettings extends Omit<EmailOptions, 'timeout' | 'warn'> {
  readonly kind: 'email'
}

interface TelegramSettings {
  readonly name: string
  readonly kind: 'telegram'
  /** A secret. */
  readonly token: string
  readonly chat: string
  readonly origin: string
  readonly commands: CommandForm | 'none'
  /** PEM text. */
  readonly ca?: string
}

interface WebhookSettings {
  readonly name: string
  readonly kind: 'webhook'
  /** A secret. */
  readonly url: string
  /** The key of the signature. */
  readonly secret?: string
  /** PEM text. */
  readonly ca?: string
}

/** The environment of channels: clock, proxies, log. */
export interface ChannelSurroundings {
  readonly now: () => number
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case; their addresses may hold passwords. */
  readonly proxyEnvironment?: Readonly<Record<string, string>>
  /** Used in place of new connections; the caller closes it. */
  readonly dispatcher?: Dispatcher
  /** Called with what went wrong with a message that was delivered nevertheless. */
  readonly warn?: (message: string) => void
}

/** A channel with its connections. */
export interface OpenChannel extends Channel {
  close(): Promise<void>
}

// A webhook of Slack answers in less than a second; an audit is not to stand still for a channel that does not.
const timeout = 10_000

/**
 * Creates the channel that the settings describe.
 * @throws ChannelError whose text holds no secret, where a secret cannot be what it is meant to be.
 */
export function createChannel(settings: ChannelSettings, surroundings: ChannelSurroundings): OpenChannel {
  const { now, warn } = surroundings
  if (settings.kind === 'email') {
    const channel = createEmailChannel({ ...settings, timeout, ...(warn !== undefined && { warn }) })
    return { ...channel, close: async () => {} }
  }
  const own = surroundings.dispatcher === undefined ? dispatcherFor(settings, surroundings) : undefined
  const dispatcher = own ?? surroundings.dispatcher
  const options = { now, timeout, ...(dispatcher !== undefined && { dispatcher }) }
  return { ...httpChannel(settings, options), close: async () => own?.destroy() }
}

type HttpSettings = Exclude<ChannelSettings, { readonly kind: 'email' }>

interface HttpOptions {
  readonly now: () => number
  readonly timeout: number
  readonly dispatcher?: Dispatcher
}

function httpChannel(settings: HttpSettings, options: HttpOptions): Channel {
  switch (settings.kind) {
    case 'slack':
      return createSlackChannel({ ...settings, ...options })
    case 'telegram':
      return createTelegramChannel({ ...settings, ...options })
    case 'webhook':
      return createWebhookChannel({ ...settings, ...options })
  }
}

/** Connections to the URL of a channel, through the proxy that the environment names for it. */
function dispatcherFor(settings: HttpSettings, { proxyEnvironment = {} }: ChannelSurroundings): Dispatcher {
  const { name, ca } = settings
  const tls = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) }
  const choose = proxyChoice(proxyFromEnvironment(proxyEnvironment), why => {
    throw new ChannelError('permanent', `${name}: ${why}`)
  })
  const proxy = choose(urlOf(settings))
  if (proxy === undefined) return new Agent({ connect: tls })
  const { origin, authorization } = proxy
  return new ProxyAgent({
    uri: origin,
    ...(authorization !== undefined && { token: authorization }),
    requestTls: tls,
  })
}

function urlOf(settings: HttpSettings): URL {
  return settings.kind === 'telegram' ? new URL(settings.origin) : addressOf(settings.name, settings.url)
}

/** The destination of a channel, without its secrets: a host, a chat, mailboxes. */
export function placeOf(settings: ChannelSettings): string {
  switch (settings.kind) {
    case 'slack':
    case 'webhook':
      return addressOf(settings.name, settings.url).host
    case 'email':
      return `${settings.to.join(', ')} through ${settings.host}:${settings.port} (${settings.security})`
    case 'telegram':
      return `chat ${settings.chat} through ${new URL(settings.origin).host}`
  }
}
