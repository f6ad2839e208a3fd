import { Command } from 'commander'
import t from 'tap'
import { addNotify } from '../../../src/cli/commands/notify.ts'
import { UsageError } from '../../../src/cli/terminal/terminal.ts'
import { proxyServer } from '../../support/network/proxy-server.ts'
import { slackPath, slackServer } from '../../support/channels/slack-server.ts'
import { webhookServer } from '../../support/channels/webhook-server.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import { smtpServer } from '../../support/channels/smtp-server.ts'

interface Run {
  readonly code: number | undefined
  readonly out: string
  readonly err: string
}

async function run(
  args: readonly string[],
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  let out = ''
  let err = ''
  let code: number | undefined
  const program = new Command('patchline').exitOverride()
  addNotify(program, {
    terminal: {
      environment,
      out: text => void (out += text),
      err: text => void (err += text),
      readFile: () => config,
    },
    exit: given => void (code = given),
  })
  await program.parseAsync(['notify', ...args, '--config', 'patchline.yaml'], { from: 'user' })
  return { code, out, err }
}

const slack = `
notifications:
  cluster: prod-eu
  channels:
  - { name: ops, kind: slack, urlFrom: { environment: SLACK_URL }, insecure: true }
  - { name: mail, kind: email, host: mail.acme.test, from: patchline@acme.test, to: [ops@acme.test] }
`

t.test('a sample is sent', async t => {
  const { url, received } = await slackServer(t)
  const { code, out, err } = await run(['--test', 'ops'], slack, { SLACK_URL: url })
  t.equal(err, '')
  t.match(out, /^ops: delivered in \d+ ms\n$/)
  t.equal(code, 0)
  t.match(JSON.parse(received[0]?.body ?? ''), {
    text: 'patchline (prod-eu): test: new: nginx 1.25.5; 1 of 1 containers is outdated',
    blocks: [
      { type: 'header' },
      {
        text: {
          text: [
            '*New*',
            '• `nginx 1.25.1` -&gt; 1.25.5 (4 versions behind, for 3 days) (<https://hub.docker.com/_/nginx/tags?name=1.25.5|tags>)',
            '    default: deployment/sample',
            '```kubectl -n default set image deployment/sample web=nginx:1.25.5```',
          ].join('\n'),
        },
      },
      { text: { text: '1 of 1 containers is outdated' } },
    ],
  })
})

t.test('what went wrong is said in one line, and what to do', async t => {
  const gone = await slackServer(t, { status: 404, body: 'no_service' })
  t.strictSame(await run(['--test', 'ops'], slack, { SLACK_URL: gone.url }), {
    code: 3,
    out: '',
    err: 'patchline: ops: Slack answered 404 "no_service": the webhook was removed or disabled: make a new one\n',
  })
  const busy = await slackServer(t, { status: 429, headers: { 'retry-after': '30' } })
  const { code, err } = await run(['--test', 'ops'], slack, { SLACK_URL: busy.url })
  t.equal(code, 3)
  t.match(err, /^patchline: ops: Slack answered 429 \(try again in (?:29|30) s\)\n$/)
  t.match(await run(['--test', 'ops'], slack, { SLACK_URL: `http://127.0.0.1:1${slackPath}` }), {
    code: 3,
    err: 'patchline: ops: it refuses connections: check the host and the port\n',
  })
})

t.test('what no later attempt mends is not told to be tried again', async t => {
  const { key, cert } = selfSigned({ names: ['127.0.0.1'] })
  const server = await webhookServer(t, { tls: { key, cert }, reply: () => ({ status: 200, body: 'ok' }) })
  t.strictSame(await run(['--test', 'ops'], slack, { SLACK_URL: `${server.origin}${slackPath}` }), {
    code: 3,
    out: '',
    err: 'patchline: ops: its certificate is self-signed: name its authority in caFile, if you trust it\n',
  })
  t.equal(server.received.length, 0)
})

t.test('the proxy of the environment is used', async t => {
  const { url, received } = await slackServer(t)
  const proxy = await proxyServer(t, { leadsTo: { host: '127.0.0.1', port: Number(new URL(url).port) } })
  const { code } = await run(['--test', 'ops'], slack, {
    SLACK_URL: `http://slack.acme.test${slackPath}`,
    HTTP_PROXY: proxy.origin,
  })
  t.equal(code, 0)
  t.equal(received.length, 1)
})

t.test('recipients that were not taken are named', async t => {
  const { port } = await smtpServer(t, { security: 'none', unknown: ['ops@acme.test'] })
  const config = `
notifications:
  channels:
  - name: mail
    kind: email
    host: 127.0.0.1
    port: ${port}
    security: none
    from: patchline@acme.test
    to: [ops@acme.test, team@acme.test]
`
  const { code, err } = await run(['--test', 'mail'], config)
  t.equal(code, 0)
  t.equal(err, 'patchline: mail: the mail server did not take 1 of the recipients: ops@acme.test\n')
})

const secrets = { SLACK_URL: `https://hooks.slack.com${slackPath}`, TOKEN: '1:secret', KEY: 'secret' }
const usages: readonly (readonly [readonly string[], string, string])[] = [
  [[], slack, 'say either --test CHANNEL or --list'],
  [['--list', '--test', 'ops'], slack, 'say either --test CHANNEL or --list'],
  [['--test', 'sms'], slack, 'there is no channel "sms": the configuration has ops, mail'],
  [
    ['--test', 'ops'],
    '',
    'there is no channel "ops": the configuration has none: add one under notifications.channels',
  ],
]

for (const [args, config, message] of usages)
  t.test(`notify ${args.join(' ')}: ${message}`, async t =>
    t.rejects(run(args, config, secrets), new UsageError(message)),
  )

t.test('no channel at all', async t =>
  t.strictSame(await run(['--list'], ''), {
    code: 0,
    out: 'no channels are configured: add one to the configuration under notifications.channels\n',
    err: '',
  }),
)

t.test('the list shows channels and routes, and no secret', async t => {
  const config = `${slack}
  - { name: phone, kind: telegram, tokenFrom: { environment: TOKEN }, chat: '@ops' }
  - { name: bus, kind: webhook, urlFrom: { environment: SLACK_URL }, secretFrom: { environment: KEY } }
  routes:
  - { name: all, channels: [ops, mail], remindAfterDays: 7 }
  - { name: shop, channels: [ops], namespaces: [shop, cart], matchLabels: { team: shop }, heartbeatEveryDays: 1 }
`
  const { code, out } = await run(['--list'], config, secrets)
  t.equal(code, 0)
  t.equal(
    out,
    [
      'CHANNEL  KIND      TO                                  ROUTES',
      'ops      slack     hooks.slack.com                     all, shop',
      'mail     email     ops@acme.test through mail.acme.test:587 (starttls)  all',
      'phone    telegram  chat @ops through api.telegram.org  (none)',
      'bus      webhook   hooks.slack.com                     (none)',
      '',
      'ROUTE  CHANNELS   NAMESPACES  LABELS     REMINDER      HEARTBEAT',
      'all    ops, mail  (any)       (any)      after 7 days  never',
      'shop   ops        shop, cart  team=shop  never         after a day',
      '',
    ].join('\n'),
  )
  t.match((await run(['--list'], slack, secrets)).out, /\nno routes are configured: nothing is sent\n$/)
})
