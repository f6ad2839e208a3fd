import t from 'tap'
import { createEmailChannel, type EmailOptions } from '../../../src/channels/transport/email.ts'
import type { Channel } from '../../../src/notification/index.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import { smtpServer, type SmtpOptions } from '../../support/channels/smtp-server.ts'
import { directMail } from '../direct.ts'
import { refusalOf, stoppable } from '../leaks.ts'
import { emergencies, messageWith, messages, findings } from '../messages.ts'

const certificate = selfSigned()
const username = 'patchline'
const password = 'top-secret-pass-word'
const secrets = [
  password,
  Buffer.from(password).toString('base64'),
  Buffer.from(`\0${username}\0${password}`).toString('base64'),
]
const login = { username, password, method: 'PLAIN' } as const

function channelTo(port: number, options: Partial<EmailOptions> = {}): Channel {
  return createEmailChannel({
    name: 'mail',
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'Patchline <patchline@acme.test>',
    to: ['ops@acme.test', 'Team Á <team@acme.test>'],
    commands: 'set-image',
    timeout: 10_000,
    connect: directMail(options.timeout ?? 10_000, options.ca),
    ...options,
  })
}

const never = new AbortController().signal

const ways: readonly (readonly [string, SmtpOptions, Partial<EmailOptions>, boolean])[] = [
  ['no TLS and no login', { security: 'none' }, {}, false],
  [
    'STARTTLS and PLAIN',
    { security: 'starttls', certificate, login },
    { security: 'starttls', credentials: { username, password }, ca: certificate.cert },
    true,
  ],
  [
    'STARTTLS and LOGIN',
    { security: 'starttls', certificate, login: { ...login, method: 'LOGIN' } },
    { security: 'starttls', credentials: { username, password }, ca: certificate.cert },
    true,
  ],
  [
    'TLS from the start',
    { security: 'tls', certificate, login },
    { security: 'tls', credentials: { username, password }, ca: certificate.cert },
    true,
  ],
]

for (const [what, server, options, isSecure] of ways)
  t.test(what, async t => {
    const { port, mails, commands } = await smtpServer(t, server)
    await channelTo(port, options).send(messages.change, never)
    t.equal(mails.length, 1)
    t.match(mails[0], {
      from: 'patchline@acme.test',
      to: ['ops@acme.test', 'team@acme.test'],
      isSecure,
      username: options.credentials?.username,
    })
    const tls = commands.indexOf('STARTTLS')
    if (server.security === 'starttls')
      t.notOk(/AUTH|MAIL/.test(commands.slice(0, tls).join()), 'nothing before TLS')
  })

t.test('a mail says what was judged by old lists', async t => {
  const { port, mails } = await smtpServer(t, { security: 'none' })
  await channelTo(port).send(messages['old lists'], never)
  const { headers, parts } = read(mails[0]?.data ?? '')
  const text =
    'patchline (prod-eu): none of 240 containers is known to be outdated, 1 names a tag that does not exist, 5 judged by old lists (oldest 26h)'
  t.match(headers, { subject: text })
  t.equal(parts['text/plain; charset=utf-8']?.trim(), text)
})

t.test('the mail', async t => {
  const { port, mails } = await smtpServer(t, { security: 'none' })
  await channelTo(port).send(messages.change, never)
  const { headers, parts } = read(mails[0]?.data ?? '')
  t.match(headers, {
    from: 'Patchline <patchline@acme.test>',
    to: 'ops@acme.test, =?UTF-8?Q?Team_=C3=81?= <team@acme.test>',
    subject:
      'patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated',
    date: 'Sat, 21 Nov 2026 10:00:00 +0000',
    'message-id': /^<[0-9a-f-]+@acme\.test>$/,
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
    'list-id': 'Patchline <patchline.acme.test>',
    'content-type': /^multipart\/alternative;/,
  })
  t.strictSame(Object.keys(parts), ['text/plain; charset=utf-8', 'text/html; charset=utf-8'])
  t.equal(
    parts['text/plain; charset=utf-8'],
    [
      'patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated',
      '',
      'New',
      '* busybox 1.36.0 -> 1.36.1 (4 versions behind, for 5 hours)',
      '    batch: cronjob/nightly',
      '    https://hub.docker.com/_/busybox/tags?name=1.36.1',
      '    $ kubectl -n batch set image cronjob/nightly run=busybox:1.36.1',
      '',
      'A still newer tag',
      '* nginx 1.25.1 -> 1.25.6 (4 versions behind, for 20 days)',
      '    shop: deployment/web',
      '    https://hub.docker.com/_/nginx/tags?name=1.25.6',
      '    $ kubectl -n shop set image deployment/web web=nginx:1.25.6',
      '',
      'Resolved',
      '* nginx 1.25.1: now nginx:1.25.5',
      '    shop: deployment/cart',
      '',
      'Removed',
      '* quay.io/acme/gone 3.0.1 is there no more',
      '    shop: deployment/gone',
      '',
      'Cannot be checked',
      '* registry.acme.test/report 1.0.0: its registry does not answer',
      '    batch: deployment/report',
      '',
      '1 of 240 containers is outdated, 2 snoozed, 1 skipped, 1 cannot be checked',
      '',
    ].join('\n'),
  )
  const html = parts['text/html; charset=utf-8'] ?? ''
  t.match(html, /^<div style="white-space: pre-wrap"><b>patchline \(prod-eu\): .*<\/div>\n$/s)
  t.match(html, '<pre>kubectl -n shop set image deployment/web web=nginx:1.25.6</pre>')
})

t.test('a mail about an emergency', async t => {
  const { port, mails } = await smtpServer(t, { security: 'none' })
  const message = messageWith({ emergencies: emergencies([{ namespace: 'shop', newest: '1.25.5' }]) })
  await channelTo(port).send(message, never)
  const { headers, parts } = read(mails[0]?.data ?? '')
  const subject =
    'patchline (prod-eu): break-glass: nginx 1.25.1; 12 of 240 containers are outdated, 3 for more than 14 days'
  t.equal(headers['subject'], subject)
  t.equal(
    parts['text/plain; charset=utf-8']?.trim(),
    [
      subject,
      '',
      'Break-glass',
      '* nginx 1.25.1: not refused by policy strict because of break-glass: INC-4711, the <shop> is down',
      '    shop: deployment/web',
      '',
      '12 of 240 containers are outdated, 3 for more than 14 days',
    ].join('\n'),
  )
  t.match(
    parts['text/html; charset=utf-8'],
    '• <code>nginx 1.25.1</code>: not refused by policy strict because of break-glass: INC-4711, the &lt;shop&gt; is down',
  )
})

t.test('names inject no header and no mark', async t => {
  const { port, mails } = await smtpServer(t, { security: 'none' })
  const bad = '\r\nBcc: all@evil.test\r\n\r\n<script>x</script>'
  const given = messageWith({
    cluster: bad,
    appeared: findings([{ namespace: bad, name: bad, newest: '1.25.5' }]),
  })
  await channelTo(port).send(given, never)
  t.equal(mails.length, 1)
  t.strictSame(mails[0]?.to, ['ops@acme.test', 'team@acme.test'])
  const { headers, parts } = read(mails[0]?.data ?? '')
  t.equal(headers['bcc'], undefined)
  t.match(headers['subject'], /^patchline \( Bcc: all@evil\.test <script>/)
  t.notMatch(parts['text/html; charset=utf-8'], '<script>')
})

t.test('a line that is a dot, and lines that are long', async t => {
  const { port, mails } = await smtpServer(t, { security: 'none' })
  const namespace = 'n'.repeat(63)
  const list = findings(
    Array.from({ length: 30 }, (_, at) => ({ namespace, container: `c${at}`, newest: '1.25.5' })),
  )
  await channelTo(port).send(messageWith({ cluster: '.', appeared: list }), never)
  const { parts } = read(mails[0]?.data ?? '')
  const command = `    $ kubectl -n ${namespace} set image deployment/web c0=nginx:1.25.5`
  t.ok(parts['text/plain; charset=utf-8']?.includes(command), 'the command is one line')
})

type Refusal = readonly [string, SmtpOptions, Partial<EmailOptions>, 'temporary' | 'permanent', string]
const credentials = { username, password }
const replying = (replies: Readonly<Record<string, string>>): SmtpOptions => ({ security: 'none', replies })
const checkAddresses = 'check the sender and the recipients'
const refusals: readonly Refusal[] = [
  [
    'a wrong password',
    { security: 'none', login: { ...login, password: 'another' } },
    { credentials },
    'permanent',
    'mail: HOST answered "535 5.7.8 Error: authentication failed": check the user name and the password',
  ],
  [
    'a server that repeats the password',
    {
      security: 'none',
      login,
      replies: { AUTH: `500 5.3.3 Unrecognized command 'AUTH PLAIN ${secrets[2]}'` },
    },
    { credentials },
    'permanent',
    `mail: HOST answered "500 5.3.3 Unrecognized command 'AUTH PLAIN ***'": check the user name and the password`,
  ],
  [
    'a login that fails for now',
    { security: 'none', login, replies: { AUTH: '454 4.7.0 Temporary authentication failure' } },
    { credentials },
    'temporary',
    'mail: HOST answered "454 4.7.0 Temporary authentication failure"',
  ],
  [
    'a login that is missing',
    { security: 'none', login },
    {},
    'permanent',
    `mail: HOST answered "530 5.7.0 Authentication required": ${checkAddresses}`,
  ],
  [
    'no STARTTLS',
    { security: 'none' },
    { security: 'starttls' },
    'permanent',
    'mail: HOST answered "502 5.5.1 Error: not implemented": it offers no encryption: say security: none, if that is meant',
  ],
  [
    'no STARTTLS for now',
    { security: 'starttls', certificate, replies: { STARTTLS: '454 4.7.0 TLS not available' } },
    { security: 'starttls' },
    'temporary',
    'mail: HOST answered "454 4.7.0 TLS not available"',
  ],
  [
    'STARTTLS with a certificate that nobody knows',
    { security: 'starttls', certificate },
    { security: 'starttls' },
    'temporary',
    'mail: HOST: its certificate is self-signed: name its authority in caFile, if you trust it',
  ],
  [
    'TLS with a certificate that nobody knows',
    { security: 'tls', certificate },
    { security: 'tls' },
    'temporary',
    'mail: HOST: its certificate is self-signed: name its authority in caFile, if you trust it',
  ],
  [
    'a certificate for another name',
    { security: 'tls', certificate },
    { security: 'tls', host: 'localhost', ca: certificate.cert },
    'temporary',
    'mail: HOST: its certificate is for another name: check the host',
  ],
  [
    'TLS where there is none',
    { security: 'none' },
    { security: 'tls' },
    'temporary',
    'mail: HOST: it speaks no TLS on this port',
  ],
  [
    'a greeting that refuses',
    replying({ greeting: '554 5.3.2 No SMTP service here' }),
    {},
    'permanent',
    'mail: HOST answered "554 5.3.2 No SMTP service here": check the host and the port',
  ],
  [
    'a server that is about to stop',
    replying({ greeting: '421 4.3.2 Service shutting down' }),
    {},
    'temporary',
    'mail: HOST answered "421 4.3.2 Service shutting down"',
  ],
  [
    'a sender that is not taken',
    replying({ MAIL: '550 5.7.1 Sender not allowed' }),
    {},
    'permanent',
    `mail: HOST answered "550 5.7.1 Sender not allowed": ${checkAddresses}`,
  ],
  [
    'recipients that are not known',
    { security: 'none', unknown: ['ops@acme.test', 'team@acme.test'] },
    {},
    'permanent',
    `mail: HOST answered "550 5.1.1 User unknown": ${checkAddresses}`,
  ],
  [
    'greylisting',
    replying({ RCPT: '451 4.7.1 Greylisted, try again' }),
    {},
    'temporary',
    'mail: HOST answered "451 4.7.1 Greylisted, try again"',
  ],
  [
    'a full disk',
    replying({ message: '452 4.3.1 Insufficient system storage' }),
    {},
    'temporary',
    'mail: HOST answered "452 4.3.1 Insufficient system storage"',
  ],
  [
    'a message that is not liked',
    replying({ message: '554 5.7.1 Looks like spam' }),
    {},
    'permanent',
    `mail: HOST answered "554 5.7.1 Looks like spam": ${checkAddresses}`,
  ],
  [
    'no greeting',
    replying({ greeting: 'silence' }),
    { timeout: 500 },
    'temporary',
    'mail: HOST: no answer within 0.5 s',
  ],
  [
    'no answer',
    replying({ RCPT: 'silence' }),
    { timeout: 500 },
    'temporary',
    'mail: HOST: no answer within 0.5 s',
  ],
  [
    'an answer that never ends',
    replying({ EHLO: 'trickle' }),
    { timeout: 500 },
    'temporary',
    'mail: HOST: not done within 1.5 s',
  ],
  [
    'a connection that ends at once',
    replying({ greeting: 'drop' }),
    {},
    'temporary',
    'mail: HOST: it closed the connection',
  ],
  [
    'a connection that ends in the middle',
    replying({ DATA: 'drop' }),
    {},
    'temporary',
    'mail: HOST: it closed the connection',
  ],
  [
    'a sender that is no address',
    { security: 'none' },
    { from: '', to: [] },
    'permanent',
    'mail: HOST: an address cannot be used: check the sender and the recipients',
  ],
]

for (const [what, server, options, code, message] of refusals)
  t.test(what, async t => {
    const { port, mails } = await smtpServer(t, server)
    const error = await refusalOf(t, channelTo(port, options), secrets)
    t.equal(error.code, code)
    t.equal(error.message.replace(/(?:127\.0\.0\.1|localhost):\d+/, 'HOST'), message)
    t.equal(mails.length, 0)
  })

t.test('nobody listens', async t => {
  const error = await refusalOf(t, channelTo(1), secrets)
  t.equal(error.code, 'temporary')
  t.equal(error.message, 'mail: 127.0.0.1:1: it refuses connections: check the host and the port')
})

t.test('some recipients are not known', async t => {
  const { port, mails } = await smtpServer(t, { security: 'none', unknown: ['ops@acme.test'] })
  const warnings: string[] = []
  await channelTo(port, { warn: message => void warnings.push(message) }).send(messages.change, never)
  t.strictSame(mails[0]?.to, ['team@acme.test'])
  t.strictSame(warnings, ['mail: the mail server did not take 1 of the recipients: ops@acme.test'])
  await channelTo(port).send(messages.change, never)
})

t.test('a process that ends', async t => {
  const { port } = await smtpServer(t, replying({ EHLO: 'silence' }))
  const controller = new AbortController()
  const sent = refusalOf(t, stoppable(channelTo(port), controller.signal), secrets)
  controller.abort()
  t.match(await sent, { code: 'temporary', message: /^mail: 127\.0\.0\.1:\d+: stopped$/ })
  t.match(await refusalOf(t, stoppable(channelTo(port), AbortSignal.abort()), secrets), {
    message: 'mail: stopped',
  })
})

interface ReadMail {
  readonly headers: Readonly<Record<string, string>>
  /** Decoded, by their content type. */
  readonly parts: Readonly<Record<string, string>>
}

// RFC 5322 and 2045, as far as our own mails go.
function read(data: string): ReadMail {
  const { headers, body } = split(data)
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map(part => split(part.replace(/^\r\n/, '')))
    .map(part => [part.headers['content-type'] ?? '', decoded(part)] as const)
  return { headers, parts: Object.fromEntries(parts) }
}

function split(text: string) {
  const end = text.indexOf('\r\n\r\n')
  const lines = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.map(line => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ])
  const fields: Readonly<Record<string, string>> = Object.fromEntries(headers)
  return { headers: fields, body: text.slice(end + 4) }
}

function decoded({ headers, body }: ReturnType<typeof split>): string {
  const encoding = headers['content-transfer-encoding']
  const text = body.replace(/\r\n$/, '')
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString()
  if (encoding !== 'quoted-printable') return text.replaceAll('\r\n', '\n')
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n')
}
