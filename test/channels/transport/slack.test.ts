import t from 'tap'
import { createChannel } from '../../../src/channels/index.ts'
import { createSlackChannel } from '../../../src/channels/transport/slack.ts'
import type { Channel } from '../../../src/notification/index.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import { slackPath, slackServer } from '../../support/channels/slack-server.ts'
import { webhookServer, type Reply } from '../../support/channels/webhook-server.ts'
import { direct } from '../direct.ts'
import { judged, refusalOf, stoppable } from '../leaks.ts'
import { at, messageWith, messages, findings } from '../messages.ts'

const secrets = ['XtopSecretXtopSecretX123', 'T00000000', 'B00000000']

function channelTo(url: string, timeout = 10_000): Channel {
  return createSlackChannel({
    name: 'ops',
    url,
    commands: 'set-image',
    timeout,
    now: () => at,
    connections: direct(),
  })
}

t.test('Slack takes every message', async t => {
  const slack = await slackServer(t)
  for (const given of Object.values(messages))
    await channelTo(slack.url).send(given, new AbortController().signal)
  const rows = Array.from({ length: 5_000 }, (_, at) => ({
    image: `acme/w${at}:1.25.1`,
    name: `web-${at}`,
    newest: '1.25.5',
  }))
  await channelTo(slack.url).send(messageWith({ appeared: findings(rows) }), new AbortController().signal)
  t.equal(slack.received.length, 8)
  t.equal(slack.received[0]?.path, slackPath)
  t.match(JSON.parse(slack.received[1]?.body ?? ''), {
    text: 'patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated',
    blocks: [
      { type: 'header' },
      { type: 'section' },
      { type: 'section' },
      { type: 'section' },
      { type: 'section' },
    ],
    unfurl_links: false,
    unfurl_media: false,
  })
})

const prohibited = 'an administrator of the workspace does not allow it'
const mistake = 'Slack does not take the message: this is a mistake of Patchline, please report it'
const archived = 'its Slack channel is archived: bring it back, or make a webhook for another one'
const refusals: readonly (readonly [Reply, 'temporary' | 'permanent', string, number?])[] = [
  [{ status: 429, headers: { 'retry-after': '30' } }, 'temporary', 'ops: Slack answered 429', at + 30_000],
  [
    { status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 10:05:00 GMT' } },
    'temporary',
    'ops: Slack answered 429',
    at + 300_000,
  ],
  [
    { status: 429, headers: { 'retry-after': '999999' } },
    'temporary',
    'ops: Slack answered 429',
    at + 3_600_000,
  ],
  [{ status: 429, headers: { 'retry-after': 'soon' } }, 'temporary', 'ops: Slack answered 429'],
  [{ status: 500, body: 'rollup_error' }, 'temporary', 'ops: Slack answered 500 "rollup_error"'],
  [{ status: 503, headers: { 'retry-after': '0' } }, 'temporary', 'ops: Slack answered 503', at + 1_000],
  [
    { status: 400, body: 'invalid_payload' },
    'permanent',
    `ops: Slack answered 400 "invalid_payload": ${mistake}`,
  ],
  [
    { status: 403, body: 'action_prohibited' },
    'permanent',
    `ops: Slack answered 403 "action_prohibited": ${prohibited}`,
  ],
  [
    { status: 404, body: 'no_service' },
    'permanent',
    'ops: Slack answered 404 "no_service": the webhook was removed or disabled: make a new one',
  ],
  [
    { status: 404, body: 'channel_not_found' },
    'permanent',
    'ops: Slack answered 404 "channel_not_found": its Slack channel is gone: make a webhook for another one',
  ],
  [
    { status: 410, body: 'channel_is_archived' },
    'permanent',
    `ops: Slack answered 410 "channel_is_archived": ${archived}`,
  ],
  [
    { status: 302, headers: { location: 'https://slack.com/' } },
    'permanent',
    'ops: Slack answered 302: redirects are not followed: configure where it leads to',
  ],
  [
    { status: 404, body: `<h1>Not Found</h1>The requested URL ${slackPath} was not found` },
    'permanent',
    'ops: Slack answered 404 "<h1>Not Found</h1>The requested URL *** was not found": check the address of the webhook',
  ],
  ['reset', 'temporary', 'ops: it closed the connection'],
  ['half', 'temporary', 'ops: no answer within 1 s'],
  ['silence', 'temporary', 'ops: no answer within 1 s'],
  ['endless', 'temporary', `ops: Slack answered 500 "${'x'.repeat(100)}..."`],
]

for (const [reply, code, message, retryAt] of refusals)
  t.test(`${typeof reply === 'string' ? reply : JSON.stringify(reply)} is ${code}`, async t => {
    const { url, received } = await slackServer(t, reply)
    const isLate = reply === 'silence' || reply === 'half'
    const error = await refusalOf(t, channelTo(url, isLate ? 1_000 : 10_000), [...secrets, url])
    t.equal(error.code, code)
    t.equal(error.message, message)
    t.equal(error.retryAt, retryAt)
    t.equal(received.length, 1, 'the queue tries again, not the channel')
  })

t.test('nobody listens', async t => {
  const error = await refusalOf(t, channelTo(`http://127.0.0.1:1${slackPath}`), secrets)
  t.equal(error.code, 'temporary')
  t.equal(error.message, 'ops: it refuses connections: check the host and the port')
})

t.test('a process that ends', async t => {
  const { url } = await slackServer(t, 'silence')
  const controller = new AbortController()
  const sent = refusalOf(t, stoppable(channelTo(url), controller.signal), secrets)
  controller.abort()
  t.match(await sent, { code: 'temporary', message: 'ops: stopped' })
  t.match(await refusalOf(t, stoppable(channelTo(url), AbortSignal.abort()), secrets), {
    message: 'ops: stopped',
  })
})

for (const url of [
  '',
  'hooks.slack.com/services/secretsecret',
  'http://user:secretsecret@x/',
  'ftp://x/secretsecret',
])
  t.test(`no address: ${url}`, async t => {
    try {
      channelTo(url)
      t.fail('it was taken')
    } catch (error) {
      const expected =
        'ops: its address is none like https://hooks.example.com/path, without a user name: check the secret that holds it'
      t.equal(judged(t, error, ['secretsecret']).message, expected)
    }
  })

t.test('a certificate that nobody knows, and one that is named', async t => {
  const tls = selfSigned()
  const server = await webhookServer(t, { tls, reply: () => ({ status: 200, body: 'ok' }) })
  const settings = {
    name: 'ops',
    kind: 'slack',
    url: `${server.origin}${slackPath}`,
    commands: 'none',
  } as const
  const unknown = createChannel(settings, { now: () => at })
  const error = await refusalOf(t, unknown, secrets)
  t.equal(error.code, 'temporary')
  t.equal(error.message, 'ops: its certificate is self-signed: name its authority in caFile, if you trust it')
  const known = createChannel({ ...settings, ca: tls.cert }, { now: () => at })
  await known.send(messages.heartbeat, new AbortController().signal)
  t.equal(server.received.length, 1)
  await Promise.all([unknown.close(), known.close()])
})
