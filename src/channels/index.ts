/** The transports of messages: Slack, e-mail, Telegram, and any URL that takes JSON. */
export type { MailSecurity } from './transport/email.ts'
export {
  createChannel,
  placeOf,
  type ChannelSettings,
  type ChannelSurroundings,
  type OpenChannel,
} from './settings.ts'
