/** A channel with its secrets and files read. */
export type ConfiguredChannel = ConfiguredSlack | ConfiguredEmail | ConfiguredTelegram | ConfiguredWebhook

interface ConfiguredSlack {
  readonly kind: 'slack'
  readonly name: string
  /** A secret. */
  readonly url: string
  readonly commands: MessageCommands
  /** PEM text. */
  readonly ca?: string
}

interface ConfiguredEmail {
  readonly kind: 'email'
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: (typeof mailSecurities)[number]
  readonly credentials?: { readonly username: string; readonly password: string }
  /** PEM text. */
  readonly ca?: string
  readonly from: string
  readonly to: readonly string[]
  readonly commands: MessageCommands
}

interface ConfiguredTelegram {
  readonly kind: 'telegram'
  readonly name: string
  /** A secret. */
  readonly token: string
  readonly chat: string
  readonly origin: string
  readonly commands: MessageCommands
  /** PEM text. */
  readonly ca?: string
}

interface ConfiguredWebhook {
  readonly kind: 'webhook'
  readonly name: string
  /** A secret. */
  readonly url: string
  /** The key of the signature. */
  readonly secret?: string
  /** PEM text. */
  readonly ca?: string
}

/** Who is told of which namespaces. */
export interface ConfiguredRoute {
  readonly name: string
  readonly channels: readonly string[]
  readonly namespaces: readonly string[]
  readonly matchLabels: Readonly<Record<string, string>>
  readonly remindAfterDays?: number
  readonly heartbeatEveryDays?: number
}

/** Who is told what of drift. */
export interface ConfiguredNotifications {
  readonly cluster?: string
  readonly commands: MessageCommands
  readonly failingAfterHours: number
  readonly channels: readonly ConfiguredChannel[]
  readonly routes: readonly ConfiguredRoute[]
}

export const channelKinds = ['slack', 'email', 'telegram', 'webhook'] as const
export type ChannelKind = (typeof channelKinds)[number]

export const mailSecurities = ['starttls', 'tls', 'none'] as const

/** The kubectl commands that messages hold. */
export const commandForms = ['set-image', 'patch', 'none'] as const
export type MessageCommands = (typeof commandForms)[number]
