import t from 'tap'
import { createChannel, placeOf, type ChannelSettings } from '../../src/channels/index.ts'
import { slackServer } from '../support/channels/slack-server.ts'
import { smtpServer } from '../support/channels/smtp-server.ts'
import { telegramServer } from '../support/channels/telegram-server.ts'
import { webhookReceiver } from '../support/channels/webhook-receiver.ts'
import { judged } from './leaks.ts'
import { at, messages } from './messages.ts'
import { settings } from './samples.ts'

const now = (): number => at
const never = new AbortController().signal

t.test('a channel of each kind delivers', async t => {
  const slack = await slackServer(t)
  const telegram = await telegramServer(t)
  const receiver = await webhookReceiver(t, { key: 'key', now })
  const mail = await smtpServer(t, { security: 'none' })
  const { credentials: _, ...email } = settings.email
  const all: readonly ChannelSettings[] = [
    { ...settings.slack, url: slack.url },
    { ...email, host: '127.0.0.1', port: mail.port, security: 'none' },
    { ...settings.telegram, origin: telegram.origin },
    { ...settings.webhook, url: receiver.origin },
  ]
  for (const one of all) {
    const channel = createChannel(one, { now })
    t.equal(channel.name, one.name)
    await channel.send(messages.change, never)
    await channel.close()
  }
  t.equal(slack.received.length + telegram.received.length + receiver.received.length + mail.mails.length, 4)
  t.notMatch(mail.mails[0]?.data, 'kubectl')
  t.match(telegram.received[0]?.body, 'kubectl -n shop patch')
})

t.test('the environment of the process counts for nothing', async t => {
  const slack = await slackServer(t)
  process.env['HTTP_PROXY'] = 'http://127.0.0.1:1'
  t.teardown(() => delete process.env['HTTP_PROXY'])
  const channel = createChannel({ ...settings.slack, url: slack.url }, { now })
  await channel.send(messages.change, never)
  t.equal(slack.received.length, 1)
  await channel.close()
})

t.test('warnings of a channel are passed on', async t => {
  const mail = await smtpServer(t, { security: 'none', unknown: ['team@acme.test'] })
  const { credentials: _, ...email } = settings.email
  const warnings: string[] = []
  const options = { now, warn: (message: string) => void warnings.push(message) }
  await createChannel({ ...email, host: '127.0.0.1', port: mail.port, security: 'none' }, options).send(
    messages.change,
    never,
  )
  t.strictSame(warnings, ['mail: the mail server did not take 1 of the recipients: team@acme.test'])
})

const places: readonly (readonly [keyof typeof settings, string])[] = [
  ['slack', 'hooks.slack.com'],
  ['email', 'ops@acme.test, team@acme.test through mail.acme.test:587 (starttls)'],
  ['telegram', 'chat -1001234567890 through api.telegram.org'],
  ['webhook', 'bus.acme.test:8443'],
]

for (const [kind, place] of places)
  t.test(`where a channel of ${kind} leads to`, async t => t.equal(placeOf(settings[kind]), place))

t.test('a place that is none', async t => {
  try {
    placeOf({ ...settings.slack, url: 'secretsecret' })
    t.fail('it was taken')
  } catch (error) {
    t.equal(judged(t, error, ['secretsecret']).code, 'permanent')
  }
})
