import type { ChannelSettings, MailSecurity } from '../../channels/index.ts'
import type { ConfiguredNotifications } from '../settings/config.ts'
import { secret, section, text, texts, valuesOf } from './schema-parts.ts'

/** One of `notifications.channels`. */
export const channel = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'kind'],
  properties: {
    name: { ...text, maxLength: 60, description: 'what routes, logs and metrics call it' },
    kind: {
      enum: valuesOf<ChannelSettings['kind']>({ slack: true, email: true, telegram: true, webhook: true }),
    },
    urlFrom: { ...secret, description: 'of slack and webhook: the address, which is a secret' },
    secretFrom: { ...secret, description: 'of webhook: the key of the signature' },
    tokenFrom: { ...secret, description: 'of telegram: the token of the bot' },
    chat: { ...text, description: 'of telegram: the number of the chat, or @channel' },
    apiUrl: { ...text, format: 'origin', description: 'of telegram: a server of one’s own' },
    insecure: { type: 'boolean', description: 'plain HTTP; of email: a password without TLS' },
    host: { ...text, description: 'of email: the mail server' },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description: 'of email: 587 for starttls, 465 for tls',
    },
    security: {
      enum: valuesOf<MailSecurity>({ starttls: true, tls: true, none: true }),
      description: 'of email: starttls if not given',
    },
    username: text,
    passwordFrom: secret,
    caFile: { ...text, description: 'PEM file of the authorities that sign its certificate' },
    from: { ...text, description: 'of email' },
    to: { ...texts, minItems: 1, description: 'of email' },
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
  cluster: { ...text, maxLength: 100, description: 'what messages call this cluster' },
  commands: {
    enum: valuesOf<ConfiguredNotifications['commands']>({ 'set-image': true, patch: true, none: true }),
    default: 'set-image',
    description: 'which kubectl command messages hold for each outdated workload',
  },
  failingAfterHours: {
    type: 'number',
    minimum: 0,
    maximum: 720,
    default: 6,
    description:
      'how long a registry may be silent, or refuse while old lists give verdicts, before that is told',
  },
  channels: { type: 'array', items: channel, default: [] },
  routes: {
    type: 'array',
    items: route,
    default: [],
    description: 'who is told of which namespaces; one without namespaces and labels is told of all',
  },
})
