import {
  connectDirect,
  createAddressRule,
  createDnsResolver,
  proxyChoice,
  proxyFromEnvironment,
  type DnsResolver,
  type Proxy,
} from '../egress/index.ts'
import { ChannelError, type Channel, type CommandForm } from '../notification/index.ts'
import { channelRules, createConnections, type Connections } from './transport/connections.ts'
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

interface EmailSettings extends Omit<EmailOptions, 'timeout' | 'connect' | 'warn'> {
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
  /** Addresses that are not public, and not private either, to which a channel may lead nevertheless: `169.254.10.0/24`. */
  readonly allowedRanges?: readonly string[]
  /** In place of the system's DNS. */
  readonly resolver?: DnsResolver
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
  const { now, warn, allowedRanges = [], resolver = createDnsResolver({ now }) } = surroundings
  const rule = createAddressRule(allowedRanges, why => {
    throw new ChannelError('permanent', `${settings.name}: ${why}`)
  })
  const rules = channelRules(rule, settings.ca)
  if (settings.kind === 'email') {
    const connect = connectDirect(rules, { timeout, resolver })
    const channel = createEmailChannel({ ...settings, timeout, connect, ...(warn !== undefined && { warn }) })
    return { ...channel, close: async () => resolver.close() }
  }
  const proxy = proxyOf(settings, surroundings)
  const connections = createConnections(urlOf(settings), { rules, proxy, resolver, timeout })
  return {
    ...httpChannel(settings, { now, timeout, connections }),
    async close() {
      resolver.close()
      await connections.close()
    },
  }
}

type HttpSettings = Exclude<ChannelSettings, { readonly kind: 'email' }>

interface HttpOptions {
  readonly now: () => number
  readonly timeout: number
  readonly connections: Connections
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

// The proxy that the environment names for the URL of a channel.
function proxyOf(settings: HttpSettings, { proxyEnvironment = {} }: ChannelSurroundings): Proxy | undefined {
  const choose = proxyChoice(proxyFromEnvironment(proxyEnvironment), why => {
    throw new ChannelError('permanent', `${settings.name}: ${why}`)
  })
  return choose(urlOf(settings))
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
