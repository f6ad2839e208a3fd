import t from 'tap'
import { Agent } from 'undici'
import { createChannel, placeOf, type ChannelSettings } from '../../src/channels/index.ts'
import { ChannelError } from '../../src/notification/index.ts'
import { proxyServer } from '../support/proxy-server.ts'
import { slackPath, slackServer } from '../support/slack-server.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { telegramChat, telegramServer, telegramToken } from '../support/telegram-server.ts'
import { webhookReceiver } from '../support/webhook-receiver.ts'
import { judged, refusalOf } from './leaks.ts'
import { at, messages } from './messages.ts'

const now = (): number => at
const never = new AbortController().signal

const settings = {
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

// NO_PROXY, the host of the channel, and whether it is reached through the proxy: the same as for registries.
const exceptions: readonly (readonly [noProxy: string, host: string, isProxied: boolean])[] = [
  ['', 'slack.acme.test', true],
  ['10.0.0.0/8', '10.1.2.3', false],
  ['10.0.0.0/8', '11.1.2.3', true],
  ['acme.test', 'acme.test', false],
  ['.acme.test', 'acme.test', true],
  ['.acme.test', 'slack.acme.test', false],
  ['slack.acme.test:8080', 'slack.acme.test', true],
]

t.test('NO_PROXY means for channels what it means for registries', async t => {
  const slack = await slackServer(t)
  const proxy = await proxyServer(t, {
    leadsTo: { host: '127.0.0.1', port: Number(new URL(slack.url).port) },
  })
  for (const [noProxy, host, isProxied] of exceptions) {
    const before = proxy.requests.length
    const channel = createChannel(
      { ...settings.slack, url: `http://${host}:1${slackPath}` },
      { now, proxyEnvironment: { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: noProxy } },
    )
    // Without the proxy there is nothing at that address.
    await channel.send(messages.change, AbortSignal.timeout(300)).catch(() => undefined)
    await channel.close()
    t.equal(proxy.requests.length - before, isProxied ? 1 : 0, `${noProxy} and ${host}`)
  }
})

t.test('through the proxy of the environment', async t => {
  const slack = await slackServer(t)
  const leadsTo = { host: '127.0.0.1', port: Number(new URL(slack.url).port) }
  const proxy = await proxyServer(t, { leadsTo, login: 'user:proxy-secret' })
  const channel = createChannel(
    { ...settings.slack, url: `http://slack.acme.test${slackPath}` },
    { now, proxyEnvironment: { http_proxy: `http://user:proxy-secret@${proxy.host}` } },
  )
  await channel.send(messages.change, never)
  t.equal(slack.received.length, 1)
  t.equal(proxy.requests.length, 1)
  await channel.close()
})

t.test('a proxy that refuses, and its password', async t => {
  const proxy = await proxyServer(t, { refuseWith: 403 })
  const channel = createChannel(settings.slack, {
    now,
    proxyEnvironment: { HTTPS_PROXY: `http://user:proxy-secret@${proxy.host}` },
  })
  const error = await refusalOf(t, channel, ['proxy-secret', slackPath])
  t.equal(error.code, 'temporary')
  t.equal(error.message, 'ops: the proxy on the way does not let it through')
  t.strictSame(proxy.requests, ['CONNECT hooks.slack.com:443'])
  await channel.close()
})

t.test('a proxy that cannot be one is named without its password', async t => {
  const proxyEnvironment = { HTTPS_PROXY: 'socks5://user:proxy-secret@proxy.acme.test:1080' }
  const form = 'must be an address like http://proxy.example.com:3128'
  t.throws(
    () => createChannel(settings.slack, { now, proxyEnvironment }),
    new ChannelError('permanent', `ops: HTTPS_PROXY ${form}`),
  )
})

t.test('what NO_PROXY names is reached without it', async t => {
  const slack = await slackServer(t)
  const channel = createChannel(
    { ...settings.slack, url: slack.url },
    { now, proxyEnvironment: { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' } },
  )
  await channel.send(messages.change, never)
  t.equal(slack.received.length, 1)
  await channel.close()
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

t.test('connections of somebody else are left open', async t => {
  const slack = await slackServer(t)
  const dispatcher = new Agent()
  const channel = createChannel({ ...settings.slack, url: slack.url }, { now, dispatcher })
  await channel.send(messages.change, never)
  await channel.close()
  t.notOk(dispatcher.closed)
  await dispatcher.destroy()
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
