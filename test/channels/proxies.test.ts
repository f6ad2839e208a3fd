import t from 'tap'
import { createChannel } from '../../src/channels/index.ts'
import { ChannelError } from '../../src/notification/index.ts'
import { proxyServer, type ProxyOptions } from '../support/network/proxy-server.ts'
import { slackPath, slackServer } from '../support/channels/slack-server.ts'
import { refusalOf } from './leaks.ts'
import { at, messages } from './messages.ts'
import { settings } from './samples.ts'

const now = (): number => at
const never = new AbortController().signal

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

const checkProxy = 'check it and what names it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY'
const secure = 'https://hooks.slack.com'
const plain = 'http://hooks.acme.test'
// How a proxy is, the channel's origin, the login that it is given, what it is asked, and why the message did not arrive.
type ProxyRow = readonly [ProxyOptions, string, string, asked: string, why: string]
const tunnel = 'CONNECT hooks.slack.com:443'
const forward = `POST ${plain}${slackPath}`
const proxies: readonly ProxyRow[] = [
  [{ refuseWith: 403 }, secure, '', tunnel, 'the proxy on the way does not let it through'],
  [{ refuseWith: 502 }, secure, '', tunnel, 'the proxy on the way does not let it through'],
  [
    { refuseWith: 407 },
    secure,
    '',
    tunnel,
    `the proxy PROXY: it wants a user name and a password (407): ${checkProxy}`,
  ],
  [
    { login: 'user:x' },
    secure,
    'user:proxy-secret@',
    tunnel,
    `the proxy PROXY: it refuses its user name or password (407): ${checkProxy}`,
  ],
  [
    { login: 'user:x' },
    plain,
    '',
    forward,
    `the proxy PROXY: it wants a user name and a password (407): ${checkProxy}`,
  ],
  [
    { login: 'user:x' },
    plain,
    'user:proxy-secret@',
    forward,
    `the proxy PROXY: it refuses its user name or password (407): ${checkProxy}`,
  ],
  [
    { chatter: 'HTTP/1.1 200 OK\r\n\r\n' },
    secure,
    '',
    tunnel,
    `the proxy PROXY: it sent more than an answer to CONNECT: ${checkProxy}`,
  ],
]

for (const [options, origin, login, asked, why] of proxies)
  t.test(`a proxy that is ${JSON.stringify(options)}, for ${origin}, as ${login}`, async t => {
    const slack = await slackServer(t)
    const leadsTo = { host: '127.0.0.1', port: Number(new URL(slack.url).port) }
    const proxy = await proxyServer(t, { leadsTo, ...options })
    const named = `http://${login}${proxy.host}`
    const channel = createChannel(
      { ...settings.slack, url: `${origin}${slackPath}` },
      { now, proxyEnvironment: { HTTPS_PROXY: named, HTTP_PROXY: named } },
    )
    const error = await refusalOf(t, channel, ['proxy-secret', slackPath])
    t.equal(error.code, 'temporary')
    t.equal(error.message.replace(proxy.origin, 'PROXY'), `ops: ${why}`)
    t.strictSame(proxy.requests, [asked])
    t.equal(slack.received.length, 0)
    await channel.close()
  })

t.test('a proxy that is not there', async t => {
  const proxyEnvironment = { HTTPS_PROXY: 'http://user:proxy-secret@127.0.0.1:1' }
  const channel = createChannel(settings.slack, { now, proxyEnvironment })
  const error = await refusalOf(t, channel, ['proxy-secret', slackPath])
  t.equal(
    error.message,
    'ops: the proxy http://127.0.0.1:1: it refuses connections: check the host and the port',
  )
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
