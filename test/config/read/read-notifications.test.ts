import t from 'tap'
import { InvalidConfigError, readConfig } from '../../../src/config/index.ts'

const files: Readonly<Record<string, string>> = {
  '/etc/patchline/slack': 'https://hooks.example/T0/B0/s3cret\n',
  '/etc/patchline/plain': 'http://127.0.0.1:8080/s3cret\n',
  '/etc/patchline/PLAIN': 'HTTP://hooks.example/s3cret',
  '/etc/patchline/no-url': 's3cret',
  '/etc/patchline/ca.pem': '-----BEGIN CERTIFICATE-----',
}

function read(text: string) {
  return readConfig(text, {
    environment: { BOT: '1:s3cret', MAIL: 's3cret' },
    baseDirectory: '/etc/patchline',
    readFile(path) {
      const found = files[path]
      if (found === undefined) throw new Error(`ENOENT: ${path}`)
      return found
    },
  })
}

function problemsOf(text: string): readonly string[] {
  try {
    read(text)
    return []
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error
    if (error.message.includes('s3cret')) throw new Error('a secret in a problem', { cause: error })
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
}

t.test('channels and routes with everything', async t => {
  const { notifications, audit } = read(`
audit: { cron: '0 6 * * 1-5', timeZone: Europe/Berlin, namespaces: [shop], movedTags: finding }
notifications:
  cluster: hub-1
  channels:
    - { name: team, kind: slack, urlFrom: { file: slack } }
    - { name: phone, kind: telegram, tokenFrom: { environment: BOT }, chat: "-100123" }
    - { name: hook, kind: webhook, urlFrom: { file: slack }, secretFrom: { environment: MAIL } }
    - name: mail
      kind: email
      host: smtp.example.com
      username: bot
      passwordFrom: { environment: MAIL }
      caFile: ca.pem
      from: patchline@example.com
      to: [ops@example.com]
  routes:
    - { name: all, channels: [team, mail], remindAfterDays: 7 }
    - { name: payments, channels: [phone], matchLabels: { team: payments } }
`)
  t.match(audit, {
    cron: '0 6 * * 1-5',
    timeZone: 'Europe/Berlin',
    namespaces: ['shop'],
    movedTags: 'finding',
  })
  t.strictSame(notifications, {
    cluster: 'hub-1',
    commands: 'set-image',
    failingAfterHours: 6,
    channels: [
      { kind: 'slack', name: 'team', url: 'https://hooks.example/T0/B0/s3cret', commands: 'set-image' },
      {
        kind: 'telegram',
        name: 'phone',
        token: '1:s3cret',
        chat: '-100123',
        origin: 'https://api.telegram.org',
        commands: 'set-image',
      },
      { kind: 'webhook', name: 'hook', url: 'https://hooks.example/T0/B0/s3cret', secret: 's3cret' },
      {
        kind: 'email',
        name: 'mail',
        host: 'smtp.example.com',
        port: 587,
        security: 'starttls',
        credentials: { username: 'bot', password: 's3cret' },
        ca: '-----BEGIN CERTIFICATE-----',
        from: 'patchline@example.com',
        to: ['ops@example.com'],
        commands: 'set-image',
      },
    ],
    routes: [
      { name: 'all', channels: ['team', 'mail'], namespaces: [], matchLabels: {}, remindAfterDays: 7 },
      { name: 'payments', channels: ['phone'], namespaces: [], matchLabels: { team: 'payments' } },
    ],
  })
})

const channels = 'notifications.channels[0]'
const plain =
  'begins with http://, which sends its secret in the clear: use https://, or say insecure: true for this channel'
const rows: readonly (readonly [string, ...string[]])[] = [
  ['audit: { cron: often }', 'audit.cron: must be a cron expression like 0 6 * * 1-5, not "often"'],
  ['audit: { timeZone: Mars }', 'audit.timeZone: must be a time zone like Europe/Berlin, not "Mars"'],
  [
    'notifications: { channels: [{ name: a, kind: slak, urlFrom: { file: slack } }] }',
    `${channels}.kind: must be one of slack, email, telegram, webhook, not "slak"; did you mean slack?`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: pager, urlFrom: { file: slack } }] }',
    `${channels}.kind: must be one of slack, email, telegram, webhook, not "pager"`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: xoxb-17653672481-19874698323 }] }',
    `${channels}.kind: must be one of slack, email, telegram, webhook, not "[hidden]"`,
  ],
  [
    // A route may name a channel that has another problem.
    'notifications: { channels: [{ name: a, kind: slak }], routes: [{ name: r, channels: [a, b] }] }',
    `${channels}.kind: must be one of slack, email, telegram, webhook, not "slak"; did you mean slack?`,
    'notifications.routes[0].channels[1]: names no channel; known are a',
  ],
  [
    // Whether it names that channel cannot be known.
    'notifications: { channels: [{ kind: slack, urlFrom: { file: slack } }], routes: [{ name: r, channels: [a] }] }',
    `${channels}.name: is missing`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: slack }] }',
    `${channels}.urlFrom: is missing: slack needs it`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: telegram, chat: -1001234567890, tokenFrom: { environment: NOPE } }] }',
    `${channels}.chat: put it in quotes: '-1001234567890'`,
  ],
  [
    'notifications: { commands: none, channels: [{ name: a, kind: slack, urlFrom: { environment: NOPE } }], cluster: 7 }',
    "notifications.cluster: put it in quotes: '7'",
    `${channels}.urlFrom.environment: environment variable NOPE is not set`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: email, urlFrom: { file: slack } }] }',
    `${channels}.host: is missing: email needs it`,
    `${channels}.from: is missing: email needs it`,
    `${channels}.to: is missing: email needs it`,
    `${channels}.urlFrom: is not a key of email`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: slack, urlFrom: { file: none } }] }',
    `${channels}.urlFrom.file: /etc/patchline/none: no such file`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: slack, urlFrom: { file: no-url } }] }',
    `${channels}.urlFrom: holds no address that begins with https://, without a name and password in it`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: slack, urlFrom: "https://hooks.example/s3cret" }] }',
    `${channels}.urlFrom: write { environment: NAME } or { file: PATH }`,
  ],
  ...['environment: "https://hooks.example/s3cret"', 'environment: "1:s3cret"'].map(
    from =>
      [
        `notifications: { channels: [{ name: a, kind: slack, urlFrom: { ${from} } }] }`,
        `${channels}.urlFrom: environment is not the name of an environment variable (it is not shown)`,
      ] as const,
  ),
  ...['file: "https://hooks.example/s3cret"', 'file: "1:s3cret"'].map(
    from =>
      [
        `notifications: { channels: [{ name: a, kind: slack, urlFrom: { ${from} } }] }`,
        `${channels}.urlFrom: file is not a file name (it is not shown)`,
      ] as const,
  ),
  [
    'notifications: { channels: [{ name: a, kind: telegram, tokenFrom: { environment: MAIL }, chat: "1" }] }',
    `${channels}.tokenFrom: must have the form 123456:ABC-def`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: email, host: h, from: ops, to: ["a@b", "x\\r\\ny"], security: none, username: u, passwordFrom: { environment: MAIL } }] }',
    `${channels}.from: is not a mailbox like ops@example.com`,
    `${channels}.to[1]: is not a mailbox like ops@example.com`,
    `${channels}.security: none would send the password in the clear: use starttls or tls, or say insecure: true for this channel`,
  ],
  ...['slack', 'webhook'].map(
    kind =>
      [
        `notifications: { channels: [{ name: a, kind: ${kind}, urlFrom: { file: plain }, insecure: false }] }`,
        `${channels}.urlFrom: ${plain}`,
      ] as const,
  ),
  [
    'notifications: { channels: [{ name: a, kind: webhook, urlFrom: { file: PLAIN } }] }',
    `${channels}.urlFrom: holds no address that begins with https://, without a name and password in it`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: telegram, tokenFrom: { environment: BOT }, chat: "1", apiUrl: "http://localhost:8081" }] }',
    `${channels}.apiUrl: ${plain}`,
  ],
  [
    'notifications: { channels: [{ name: a, kind: slack, urlFrom: { file: plain }, insecure: 1 }] }',
    `${channels}.insecure: must be true or false, not 1`,
  ],
  ...[
    '{ name: a, kind: slack, urlFrom: { file: plain }, insecure: true }',
    '{ name: a, kind: webhook, urlFrom: { file: plain }, insecure: true }',
    '{ name: a, kind: telegram, tokenFrom: { environment: BOT }, chat: "1", apiUrl: "http://localhost:8081", insecure: true }',
    '{ name: a, kind: email, host: h, from: o@a.b, to: [o@a.b], security: none, username: u, passwordFrom: { environment: MAIL }, insecure: true }',
    '{ name: a, kind: email, host: h, from: o@a.b, to: [o@a.b], security: none }',
  ].map(channel => [`notifications: { channels: [${channel}] }`] as const),
  [
    'notifications: { routes: [{ name: all, channels: [nobody] }] }',
    'notifications.routes[0].channels[0]: names no channel; known are none',
  ],
  [
    'notifications: { routes: [{ name: all, channels: [] }, { name: all, channels: [] }] }',
    'notifications.routes[0].channels: must not be empty',
    'notifications.routes[1].channels: must not be empty',
  ],
]

for (const [text, ...problems] of rows) t.test(text, async t => t.same(problemsOf(text), problems))

t.test('who sends nothing needs no secrets', async t => {
  const text = 'notifications: { channels: [{ name: a, kind: slack, urlFrom: { environment: NOT_SET } }] }'
  t.same(problemsOf(text), [
    'notifications.channels[0].urlFrom.environment: environment variable NOT_SET is not set',
  ])
  const surroundings = { environment: {}, baseDirectory: '/', readFile: () => '', notifications: false }
  t.match(readConfig(text, surroundings).notifications, { channels: [], routes: [] })
})

t.test('names are there once', async t => {
  const channel = '{ name: a, kind: slack, urlFrom: { file: slack } }'
  t.same(problemsOf(`notifications: { channels: [${channel}, ${channel}] }`), [
    'notifications.channels[1].name: is that of channels[0] too',
  ])
})
