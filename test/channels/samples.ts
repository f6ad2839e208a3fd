import type { ChannelSettings } from '../../src/channels/index.ts'
import { slackPath } from '../support/channels/slack-server.ts'
import { telegramChat, telegramToken } from '../support/channels/telegram-server.ts'

/** The settings of a channel of each kind. */
export const settings = {
  slack: { name: 'ops', kind: 'slack', url: `https://hooks.slack.com${slackPath}`, commands: 'set-image' },
  email: {
    name: 'mail',
    kind: 'email',
    host: 'mail.acme.test',
    port: 587,
    security: 'starttls',
    credentials: { username: 'patchline', password: 'top-secret' },
    from: 'patchline@acme.test',
    to: ['ops@acme.test', 'team@acme.test'],
    commands: 'none',
  },
  telegram: {
    name: 'phone',
    kind: 'telegram',
    token: telegramToken,
    chat: telegramChat,
    origin: 'https://api.telegram.org',
    commands: 'patch',
  },
  webhook: {
    name: 'bus',
    kind: 'webhook',
    url: 'https://bus.acme.test:8443/hooks/secret-path',
    secret: 'key',
  },
} as const satisfies Record<string, ChannelSettings>
