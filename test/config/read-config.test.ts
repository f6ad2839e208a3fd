import t from 'tap'
import { InvalidConfigError, readConfig } from '../../src/config/index.ts'

const files: Readonly<Record<string, string>> = {
  '/etc/patchline/ca.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  '/etc/patchline/password': 'hunter2\n',
  '/etc/patchline/empty': '',
}
const surroundings = {
  environment: { REGISTRY_PASSWORD: 'correct horse', EMPTY: '' },
  baseDirectory: '/etc/patchline',
  readFile(path: string) {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
    return text
  },
}

t.test('an empty file is all defaults', async t => {
  const defaults = {
    mode: 'warn',
    strategy: 'patch',
    ownNamespace: 'patchline-system',
    controllers: ['system:kube-controller-manager'],
    webhook: {
      address: '0.0.0.0',
      port: 8443,
      certificateFile: undefined,
      keyFile: undefined,
      lookupBudgetMilliseconds: 800,
      drainSeconds: 10,
    },
    operations: { address: '0.0.0.0', port: 8080 },
    publicRegistries: true,
    registries: [],
    catalog: { refreshAfterMinutes: 30, staleAfterHours: 24, maximumTags: 2_000_000 },
    kubernetes: { namespaceLabels: 'auto', kubeconfig: undefined },
    log: { level: 'info' },
  }
  for (const text of ['', '# nothing\n', '{}', 'webhook: {}\n'])
    t.strictSame(readConfig(text, surroundings), defaults, text)
  const inCluster = { ...surroundings, environment: { POD_NAMESPACE: 'ops' } }
  t.equal(readConfig('', inCluster).ownNamespace, 'ops')
  t.equal(readConfig('ownNamespace: mine', inCluster).ownNamespace, 'mine')
})

t.test('files, secrets and paths are read', async t => {
  const config = readConfig(
    `
mode: enforce
webhook: { certificateFile: tls/tls.crt, keyFile: /abs/tls.key, port: 9443 }
kubernetes: { kubeconfig: kube.config }
registries:
  - host: registry.example.com:5000
    endpoint: https://api.example.com
    caFile: ca.pem
    username: robot
    passwordFrom: { environment: REGISTRY_PASSWORD }
  - host: other.example.com
    insecure: true
    username: robot
    passwordFrom: { file: password }
`,
    surroundings,
  )
  t.match(config, {
    mode: 'enforce',
    webhook: {
      certificateFile: '/etc/patchline/tls/tls.crt',
      keyFile: '/abs/tls.key',
      port: 9443,
      drainSeconds: 10,
    },
    kubernetes: { kubeconfig: '/etc/patchline/kube.config', namespaceLabels: 'auto' },
  })
  t.strictSame(config.registries, [
    {
      host: 'registry.example.com:5000',
      endpoint: 'https://api.example.com',
      ca: files['/etc/patchline/ca.pem'],
      credentials: { username: 'robot', password: 'correct horse' },
    },
    { host: 'other.example.com', insecure: true, credentials: { username: 'robot', password: 'hunter2' } },
  ])
  t.throws(() => Object.assign(config.webhook, { port: 1 }), TypeError, 'frozen to the bottom')
})

const bad: readonly (readonly [text: string, problems: readonly string[]])[] = [
  ['mode: loud', ['mode: must be one of off, audit, warn, enforce, not "loud" (line 1)']],
  ['strategy: latest', ['strategy: must be one of rebuild, patch, minor, major, not "latest" (line 1)']],
  ['mod: warn', ['mod: is not a known key; did you mean mode? (line 1)']],
  ['registry: []', ['registry: is not a known key; did you mean registries? (line 1)']],
  ['webhook:\n  port: 70000', ['webhook.port: must be <= 65535, not 70000 (line 2)']],
  ['webhook:\n  port: "8443"', ['webhook.port: must be a whole number, not "8443" (line 2)']],
  ['webhook: [1]', ['webhook: must be a mapping, not [1] (line 1)']],
  [
    'webhook:\n  certificateFile: a.crt',
    ['webhook: must have both of certificateFile and keyFile, or neither (line 2)'],
  ],
  ['ownNamespace: Not Valid', ['ownNamespace: must be the name of a namespace, not "Not Valid" (line 1)']],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: hunter2 }',
    ['registries[0].passwordFrom: must be a mapping, not "[hidden]" (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, endpoint: "https://u:hunter2@a.b" }',
    [
      'registries[0].endpoint: must be an origin like https://registry.example.com:5000, not "https://[hidden]@a.b" (line 2)',
    ],
  ],
  [
    '__proto__: 1',
    [
      '__proto__: is not a known key; known are mode, strategy, ownNamespace, controllers, webhook, operations, publicRegistries, registries, catalog, kubernetes, log (line 1)',
    ],
  ],
  [
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]`,
    ['(whole file): is not usable YAML: Excessive alias count indicates a resource exhaustion attack'],
  ],
  ['registries:\n  - endpoint: https://a.b', ['registries[0].host: is missing (line 2)']],
  [
    'registries:\n  - host: https://a.b',
    ['registries[0].host: must be a host like registry.example.com:5000, not "https://a.b" (line 2)'],
  ],
  [
    'registries:\n  - host: a.b/c',
    ['registries[0].host: must be a host like registry.example.com:5000, not "a.b/c" (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, endpoint: "https://a.b/v2" }',
    [
      'registries[0].endpoint: must be an origin like https://registry.example.com:5000, not "https://a.b/v2" (line 2)',
    ],
  ],
  [
    'registries:\n  - host: a.b\n  - host: A.b',
    ['registries[1].host: a.b is there already, as registries[0] (line 3)'],
  ],
  [
    'registries:\n  - { host: a.b, username: u }',
    ['registries[0].passwordFrom: is missing: username needs it (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: {} }',
    ['registries[0].passwordFrom: must have exactly one of environment and file (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: { environment: NOPE } }',
    ['registries[0].passwordFrom.environment: environment variable NOPE is not set (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: { environment: EMPTY } }',
    ['registries[0].passwordFrom.environment: environment variable EMPTY is empty (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: { file: empty } }',
    ['registries[0].passwordFrom.file: is an empty file (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, caFile: absent }',
    [
      "registries[0].caFile: cannot be read: ENOENT: no such file or directory, open '/etc/patchline/absent' (line 2)",
    ],
  ],
  [
    'registries:\n  - { host: a.b, caFile: password }',
    ['registries[0].caFile: holds no PEM certificate (line 2)'],
  ],
  ['- a\n- b', ['(whole file): must be a mapping of keys to values']],
  ['just text', ['(whole file): must be a mapping of keys to values']],
  ['mode: warn\n---\nmode: off', ['(whole file): must be one YAML document; a second one begins with ---']],
]

t.test('each problem is named by its path', async t => {
  for (const [text, problems] of bad) {
    const count = `the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:`
    const message = [count, ...problems.map(problem => `  ${problem}`)].join('\n')
    t.throws(() => readConfig(text, surroundings), { name: 'InvalidConfigError', message }, text)
  }
})

t.test('all problems come at once, and none tells a secret', async t => {
  const text = `
mode: loud
webhook: { port: -1, keyfile: x }
registries:
  - { host: 'http://x', username: u, passwordFrom: { environment: REGISTRY_PASSWORD, file: password } }
log: { level: chatty }
`
  const error = t.throws(() => readConfig(text, surroundings))
  t.ok(error instanceof InvalidConfigError)
  if (!(error instanceof InvalidConfigError)) return
  t.strictSame(error.problems.map(({ path, line }) => `${path}:${line}`).toSorted(), [
    'log.level:6',
    'mode:2',
    'registries[0].host:5',
    'registries[0].passwordFrom:5',
    'webhook.keyfile:3',
    'webhook.port:3',
  ])
  t.notMatch(error.message, /correct horse|hunter2/)
})

t.test('what is no YAML says where', async t => {
  t.throws(() => readConfig('mode: warn\nwebhook: {port: 1\n', surroundings), {
    message: /is not YAML: .* \(line \d\)/,
  })
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`),
  ].join('\n')
  t.throws(() => readConfig(bomb, surroundings), {
    name: 'InvalidConfigError',
    message: /is not usable YAML/,
  })
})
