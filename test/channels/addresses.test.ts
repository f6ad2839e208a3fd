import t from 'tap'
import { createChannel, type ChannelSettings } from '../../src/channels/index.ts'
import { ChannelError, type Channel } from '../../src/notification/index.ts'
import { dnsServer, type DnsAnswer } from '../support/network/dns-server.ts'
import { resolverAt } from '../support/network/egress-fixture.ts'
import { proxyServer } from '../support/network/proxy-server.ts'
import { slackPath, slackServer } from '../support/channels/slack-server.ts'
import { smtpServer } from '../support/channels/smtp-server.ts'
import { telegramToken } from '../support/channels/telegram-server.ts'
import { trapServer } from '../support/network/trap-server.ts'
import { refusalOf } from './leaks.ts'
import { at, messages } from './messages.ts'
import { settings } from './samples.ts'

const now = (): number => at
const never = new AbortController().signal

// Each kind of channel to a host of a test.
const { credentials: _, ...mail } = settings.email
const channelsTo = (host: string, port: number): readonly ChannelSettings[] => [
  { ...settings.slack, url: `http://${host}:${port}${slackPath}` },
  { ...settings.webhook, url: `http://${host}:${port}/hooks/secret-path` },
  { ...settings.telegram, origin: `http://${host}:${port}` },
  { ...mail, host: host.replaceAll(/[[\]]/g, ''), port, security: 'none' },
]

const allow = 'if that is meant, name the address under egress.allowedRanges'
// The addresses that DNS gives, and the one that is refused with its kind.
const forbidden: readonly (readonly [readonly string[], string])[] = [
  [['169.254.169.254'], '169.254.169.254, which is a special address (metadata)'],
  [['169.254.0.9'], '169.254.0.9, which is a special address (link-local)'],
  [['127.0.0.1', '169.254.169.254'], '169.254.169.254, which is a special address (metadata)'],
  [['fd00:ec2::254'], 'fd00:ec2::254, which is a special address (metadata)'],
  [['::ffff:127.0.0.1'], '::ffff:127.0.0.1, which is a special address (embedded IPv4)'],
  [['0.0.0.0'], '0.0.0.0, which is a special address (unspecified)'],
]

for (const [addresses, what] of forbidden)
  t.test(`a name that leads to ${addresses.join(' and ')} is not connected to`, async t => {
    const trap = await trapServer(t)
    const dns = await dnsServer(t, () => ({ addresses }))
    for (const given of channelsTo('hooks.acme.test', trap.port)) {
      const channel = createChannel(given, { now, resolver: resolverAt(dns) })
      const error = await refusalOf(t, channel, [slackPath, 'secret-path', telegramToken])
      const where = given.kind === 'email' ? `mail: hooks.acme.test:${trap.port}` : given.name
      t.equal(error.message, `${where}: hooks.acme.test resolves to ${what}: ${allow}`)
      t.equal(error.code, 'temporary', 'DNS may give another address later')
      await channel.close()
    }
    t.equal(trap.connections(), 0)
  })

t.test('an address that is configured itself, with and without a proxy', async t => {
  const trap = await trapServer(t)
  const proxy = await proxyServer(t, { leadsTo: { host: '127.0.0.1', port: trap.port } })
  const rows = [
    ['169.254.169.254', 'metadata'],
    ['169.254.0.9', 'link-local'],
    ['[fe80::1]', 'link-local'],
    ['[::ffff:7f00:1]', 'embedded IPv4'],
  ] as const
  for (const [host, kind] of rows)
    for (const proxyEnvironment of [{}, { HTTP_PROXY: proxy.origin, HTTPS_PROXY: proxy.origin }])
      for (const given of channelsTo(host, trap.port)) {
        const channel = createChannel(given, { now, proxyEnvironment })
        const error = await refusalOf(t, channel, [slackPath, 'secret-path', telegramToken])
        const address = host.replaceAll(/[[\]]/g, '')
        const where = given.kind === 'email' ? `mail: ${address}:${trap.port}` : given.name
        t.equal(error.message, `${where}: ${address} is a special address (${kind}): ${allow}`)
        t.equal(error.code, 'permanent')
        await channel.close()
      }
  t.equal(trap.connections(), 0)
  t.strictSame(proxy.requests, [])
})

t.test('a name that leads to a private address, and one that is allowed', async t => {
  const slack = await slackServer(t)
  const { port } = new URL(slack.url)
  const receiver = await smtpServer(t, { security: 'none' })
  const dns = await dnsServer(t, ({ name }) => ({
    addresses: [name === 'hooks.acme.test' ? '127.0.0.1' : '169.254.169.254'],
  }))
  const resolver = resolverAt(dns)
  const hook = { ...settings.slack, url: `http://hooks.acme.test:${port}${slackPath}` }
  await createChannel(hook, { now, resolver }).send(messages.change, never)
  t.equal(slack.received.length, 1)
  const mailbox: ChannelSettings = { ...mail, host: 'hooks.acme.test', port: receiver.port, security: 'none' }
  await createChannel(mailbox, { now, resolver }).send(messages.change, never)
  t.equal(receiver.mails.length, 1)

  const allowedRanges = ['169.254.169.254/32']
  const metadata = { ...settings.slack, url: `http://metadata.acme.test:1${slackPath}` }
  const channel = createChannel(metadata, { now, resolver, allowedRanges })
  t.notMatch((await reasonOf(channel)) ?? '', 'special address')
  await channel.close()
  t.throws(
    () => createChannel(hook, { now, allowedRanges: ['10.0.0.0/40'] }),
    new ChannelError(
      'permanent',
      'ops: egress.allowedRanges: "10.0.0.0/40" is not an address range like 10.20.0.0/16 or fd12:3456::/32',
    ),
  )
})

async function reasonOf(channel: Channel): Promise<string | undefined> {
  try {
    await channel.send(messages.change, AbortSignal.timeout(300))
    return undefined
  } catch (error) {
    if (error instanceof ChannelError) return error.message
    throw error
  }
}

// What DNS says, and what the person who configured the channel reads.
const dnsFaults: readonly (readonly [DnsAnswer, string])[] = [
  ['nxdomain', 'its name is not in DNS: check the host'],
  [{ addresses: [] }, 'its name has no address in DNS: check the host'],
  ['servfail', 'the DNS server failed for its name (SERVFAIL): check the DNS servers'],
  ['refused', 'DNS could not be asked for its name: check the DNS servers'],
  ['drop', 'DNS did not answer'],
]

for (const [answer, why] of dnsFaults)
  t.test(`DNS says ${JSON.stringify(answer)}`, async t => {
    const dns = await dnsServer(t, () => answer)
    // One of those that send HTTP: they have one way to connect.
    for (const given of channelsTo('hooks.acme.test', 25).filter(({ kind }) => /slack|email/.test(kind))) {
      const channel = createChannel(given, { now, resolver: resolverAt(dns) })
      const { message, code } = await refusalOf(t, channel, [slackPath, 'secret-path', telegramToken])
      t.equal(message, `${given.kind === 'email' ? 'mail: hooks.acme.test:25' : given.name}: ${why}`)
      t.equal(code, 'temporary')
      await channel.close()
    }
  })
