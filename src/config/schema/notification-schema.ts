import type { ChannelSettings, MailSecurity } from '../../channels/index.ts'
import type { ConfiguredNotifications } from '../settings/config.ts'
import { secret, section, text, texts, valuesOf } from './schema-parts.ts'

/** One of `notifications.channels`. */
export const channel = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'kind'],
  properties: {
    name: { ...text, maxLength: 60, description: 'the name in routes, logs and metrics' },
    kind: {
      enum: valuesOf<ChannelSettings['kind']>({ slack: true, email: true, telegram: true, webhook: true }),
    },
    urlFrom: { ...secret, description: 'slack, webhook: the address, which is a secret' },
    secretFrom: { ...secret, description: 'webhook: the key of the signature' },
    tokenFrom: { ...secret, description: 'telegram: the token of the bot' },
    chat: { ...text, description: 'telegram: the number of the chat, or @channel' },
    apiUrl: { ...text, format: 'origin', description: 'telegram: the origin of your own API server' },
    insecure: { type: 'boolean', description: 'allow plain HTTP; email: allow a password without TLS' },
    host: { ...text, description: 'email: the mail server' },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description: 'email: by default 587 for starttls, 465 for tls, 25 for none',
    },
    security: {
      enum: valuesOf<MailSecurity>({ starttls: true, tls: true, none: true }),
      description: 'email: starttls by default',
    },
    username: text,
    passwordFrom: secret,
    caFile: { ...text, description: 'PEM file of the authorities that sign the certificate of the server' },
    from: { ...text, description: 'email: the sender' },
    to: { ...texts, minItems: 1, description: 'email: the recipients' },
  },
  dependencies: { username: ['passwordFrom'], passwordFrom: ['username'] },
} as const

/** One of `notifications.routes`. */
export const route = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'channels'],
  properties: {
    name: { ...text, maxLength: 60 },
    channels: { ...texts, minItems: 1 },
    namespaces: { type: 'array', items: { ...text, format: 'namespace' }, default: [] },
    matchLabels: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description: 'labels that a namespace must have',
    },
    remindAfterDays: { type: 'number', exclusiveMinimum: 0, maximum: 365 },
    heartbeatEveryDays: { type: 'number', exclusiveMinimum: 0, maximum: 365 },
  },
} as const

/** The section `notifications` of the schema. */
export const notificationSchema = section({
  cluster: { ...text, maxLength: 100, description: 'the name of this cluster in messages' },
  commands: {
    enum: valuesOf<ConfiguredNotifications['commands']>({ 'set-image': true, patch: true, none: true }),
    default: 'set-image',
    description: 'the kubectl command that messages show for each outdated workload',
  },
  failingAfterHours: {
    type: 'number',
    minimum: 0,
    maximum: 720,
    default: 6,
    description:
      'how long a registry may not answer, or refuse while old lists still give verdicts, before messages say so',
  },
  channels: { type: 'array', items: channel, default: [] },
  routes: {
    type: 'array',
    items: route,
    default: [],
    description:
      'which channels get messages about which namespaces; a route without namespaces and labels gets all',
  },
})
