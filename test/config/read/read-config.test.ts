import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'

import t from 'tap'
import { InvalidConfigError, readConfig, readWorkloads } from '../../../src/config/index.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts'

const files: Readonly<Record<string, string>> = {
  '/etc/patchline/ca.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  '/etc/patchline/password': 'hunter2\n',
  '/etc/patchline/empty': '',
  '/etc/patchline/config.json': '{"auths":{"docker.io":{"auth":"dTpw"}}}',
  '/var/key.json': '{"type":"service_account","private_key":"hunter3"}',
  '/var/user.json': '{"type":"authorized_user","refresh_token":"hunter3"}',
}
const surroundings = {
  environment: { REGISTRY_PASSWORD: 'correct horse', EMPTY: '' },
  baseDirectory: '/etc/patchline',
  isFile: (path: string) => path === '/etc/patchline/state/file',
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
    workloads: [],
    policies: [],
    exceptions: [],
    enforcement: { steps: 'newer', copies: 'allowed', rebuilds: 'refused' },
    warnings: { unlistedRegistries: false, floatingTags: true },
    webhook: {
      address: '0.0.0.0',
      port: 8443,
      certificates: { source: 'files', service: 'patchline', configuration: 'patchline' },
      certificateFile: undefined,
      keyFile: undefined,
      clientCaFile: undefined,
      clientNames: [],
      pathFile: undefined,
      lookupBudgetMilliseconds: 800,
      drainSeconds: 10,
    },
    operations: { address: '0.0.0.0', port: 8080, authentication: 'off' },
    publicRegistries: true,
    registries: [],
    egress: { allowedRanges: [], proxyEnvironment: {} },
    schemes: [],
    supportTables: [],
    audit: {
      intervalMinutes: 60,
      cron: undefined,
      refreshLimitMinutes: 30,
      timeZone: 'UTC',
      namespaces: [],
      movedTags: 'information',
      reports: true,
      events: true,
      correctAnnotations: false,
      metrics: 'workload',
      maximumSeries: 50_000,
    },
    notifications: { commands: 'set-image', failingAfterHours: 6, channels: [], routes: [] },
    api: {
      address: '0.0.0.0',
      port: undefined,
      certificateFile: undefined,
      keyFile: undefined,
      clientCaFile: undefined,
      clientNames: [],
      authentication: 'off',
      tokens: [],
      requestsPerMinute: 600,
      lookupBudgetMilliseconds: 5_000,
    },
    watch: { images: [], intervalMinutes: 30, hooks: [] },
    catalog: {
      directory: undefined,
      refreshAfterMinutes: 30,
      staleAfterHours: 24,
      maximumTags: 2_000_000,
    },
    kubernetes: {
      namespaceLabels: 'auto',
      policies: 'auto',
      pullSecrets: 'auto',
      kubeconfig: undefined,
      kubeconfigSearchPath: undefined,
    },
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
  ['webhook: [1]', ['webhook: must be a mapping, not a list (line 1)']],
  [
    'webhook:\n  certificateFile: a.crt',
    ['webhook: must have both of certificateFile and keyFile, or neither (line 2)'],
  ],
  [
    'webhook:\n  certificates: { source: managed }\n  certificateFile: a.crt\n  pathFile: path',
    [
      'webhook.certificateFile: must be left out: managed certificates need no file (line 3)',
      'webhook.pathFile: must be left out: managed certificates need no file (line 4)',
    ],
  ],
  [
    'webhook:\n  certificates: { source: vault, service: Not.Valid, configuration: /x }',
    [
      'webhook.certificates.source: must be one of files, managed, not "vault" (line 2)',
      'webhook.certificates.service: must be the name of a Service, not "Not.Valid" (line 2)',
      'webhook.certificates.configuration: must be the name of an object of Kubernetes, not "/x" (line 2)',
    ],
  ],
  [
    'webhook: { port: 8080, certificates: { source: managed } }\noperations: { port: 8080 }',
    ['operations.port: 8080 is the port of the webhook too: give each server its own (line 2)'],
  ],
  ['ownNamespace: Not Valid', ['ownNamespace: must be the name of a namespace, not "Not Valid" (line 1)']],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: hunter2 }',
    ['registries[0].passwordFrom: write { environment: NAME } or { file: PATH } (line 2)'],
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
      '__proto__: is not a known key; known are mode, strategy, ownNamespace, controllers, workloads, policies, exceptions, enforcement, warnings, webhook, operations, api, watch, publicRegistries, registries, egress, schemes, supportTables, catalog, kubernetes, audit, notifications, log (line 1)',
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
      'registries[0].endpoint: must be an origin like https://registry.example.com:5000, not "https://a.b/[hidden]" (line 2)',
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
    ['registries[0].passwordFrom: write { environment: NAME } or { file: PATH } (line 2)'],
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
    ['registries[0].caFile: /etc/patchline/absent: no such file (line 2)'],
  ],
  [
    'registries:\n  - { host: a.b, caFile: password }',
    ['registries[0].caFile: holds no PEM certificate (line 2)'],
  ],
  ['mode: warn\nmode: off', ['mode: is there twice (lines 1 and 2)']],
  [
    'mode: warn\nwebhook:\n  port: 1\n  port: 2\n  port: x',
    [
      'webhook.port: is there 3 times (lines 3, 4 and 5)',
      'webhook.port: must be a whole number, not "x" (line 3)',
    ],
  ],
  [
    'registries:\n  - host: a.b\n    host: c.d\n    "a secret": 1\n    "a secret": 2',
    [
      'registries[0].host: is there twice (lines 2 and 3)',
      'registries[0]: a key of it (not shown) is there twice (lines 4 and 5)',
      'registries[0]: a key of it (not shown) is not a known key; known are host, name, prefix, kind, endpoint, apiUrl, tokenFrom, tokenHost, insecure, caFile, proxy, username, passwordFrom, dockerConfigFile, provider, limits, aliases, namespaces (line 2)',
    ],
  ],
  ['registries:\n  - { host: a.b, name: 007 }', ["registries[0].name: put it in quotes: '007' (line 2)"]],
  ['ownNamespace: true', ["ownNamespace: put it in quotes: 'true' (line 1)"]],
  [
    'registries:\n  - { host: a.b, username: u, passwordFrom: { environment: 1234 } }',
    ['registries[0].passwordFrom.environment: put it in quotes (line 2)'],
  ],
  [
    'mode: wran\nregistries:\n  - { host: a.b, username: u, passwordFrom: { environment: NOPE } }\n  - { host: c.d, caFile: absent, kind: none }',
    [
      'mode: must be one of off, audit, warn, enforce, not "wran"; did you mean warn? (line 1)',
      'registries[1].kind: must be one of oci, docker-hub, gitlab, quay, ghcr, harbor, artifactory, nexus, not "none" (line 4)',
      'registries[0].passwordFrom.environment: environment variable NOPE is not set (line 3)',
    ],
  ],
  [
    'audit: { cron: 0 6 * * *, intervalMinutes: 60 }',
    ['audit.cron: is in place of intervalMinutes: keep one (line 1)'],
  ],
  ['- a\n- b', ['(whole file): must be a mapping of keys to values']],
  ['just text', ['(whole file): must be a mapping of keys to values']],
  ['mode: warn\n---\nmode: off', ['(whole file): must be one YAML document; a second one begins with ---']],
]

const account = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

// Those of registries, each text the entries of the list.
const badRegistries: readonly (readonly [text: string, ...problems: string[]])[] = [
  [
    '- { host: a.b, kind: gitea }',
    '[0].kind: must be one of oci, docker-hub, gitlab, quay, ghcr, harbor, artifactory, nexus, not "gitea"',
  ],
  [
    '- { host: a.b, prefix: /team/ }',
    '[0].prefix: must be the start of a repository path like team or team/project, not "/team/"',
  ],
  [
    '- { host: a.b, prefix: Team }',
    '[0].prefix: must be the start of a repository path like team or team/project, not "Team"',
  ],
  ['- { host: a.b, token: hunter2 }', '[0].token: is not a known key; did you mean tokenFrom?'],
  ['- { host: a.b, password: hunter2 }', '[0].password: is not a known key; did you mean passwordFrom?'],
  ['- { host: a.b, alias: c.d }', '[0].alias: is not a known key; did you mean aliases?'],
  ['- { host: a.b, caFiles: x }', '[0].caFiles: is not a known key; did you mean caFile?'],
  [
    '- { host: a.b, limits: { requestPerSecond: 1 } }',
    '[0].limits.requestPerSecond: is not a known key; did you mean requestsPerSecond?',
  ],
  ['- { host: a.b, limits: { concurrency: 0 } }', '[0].limits.concurrency: must be >= 1, not 0'],
  ['- { host: a.b, limits: { requestsPerSecond: 0 } }', '[0].limits.requestsPerSecond: must be > 0, not 0'],
  ['- { host: a.b, tokenFrom: hunter2 }', '[0].tokenFrom: write { environment: NAME } or { file: PATH }'],
  [
    '- { host: a.b, proxy: "hunter2@proxy:3128" }',
    '[0].proxy: must be the address of a proxy like http://proxy.example.com:3128, not "[hidden]"',
  ],
  [
    '- { host: a.b, proxy: "http://u:hunter2@proxy/x" }',
    '[0].proxy: must be the address of a proxy like http://proxy.example.com:3128, not "[hidden]"',
  ],
  [
    '- { host: a.b, apiUrl: "https://u:hunter2@c.d" }',
    '[0].apiUrl: must be an address like https://gitlab.example.com, not "https://[hidden]@c.d"',
  ],
  [
    '- { host: a.b, aliases: [c, c.d/] }',
    '[0].aliases[0]: must be a host, or a host with a path, like mirror.local/docker-hub, not "c"',
    '[0].aliases[1]: must be a host, or a host with a path, like mirror.local/docker-hub, not "c.d/"',
  ],
  [
    '- { host: index.docker.io }\n- { host: docker.io }',
    '[1].host: docker.io is there already, as registries[0]',
  ],
  [
    '- { host: a.b, prefix: x }\n- { host: "a.b:443", prefix: x }',
    '[1].prefix: a.b/x is there already, as registries[0]',
  ],
  ['- { host: a.b, name: x }\n- { host: c.d, name: x }', '[1].name: x is there already, as registries[0]'],
  [
    '- { host: a.b, aliases: [c.d] }\n- { host: c.d }',
    '[0].aliases[0]: c.d is a registry of its own, as registries[1]',
  ],
  [
    '- { host: a.b, aliases: [c.d/x] }\n- { host: e.f, aliases: ["C.d:443/x"] }',
    '[1].aliases[0]: c.d/x is there already, as registries[0].aliases[0]',
  ],
  [
    `- { host: ${account}, username: u, passwordFrom: { environment: REGISTRY_PASSWORD }, provider: ecr, dockerConfigFile: config.json }`,
    '[0]: has credentials of 3 kinds (username, dockerConfigFile, provider): keep one',
  ],
  [
    '- { host: a.b, namespaces: [team-a] }',
    '[0].namespaces: restricts credentials, and this registry has none',
  ],
  [
    "- { host: a.b, username: u, passwordFrom: { environment: REGISTRY_PASSWORD }, namespaces: ['*'] }",
    '[0].namespaces[0]: must be the name of a namespace, or its start followed by * (team-*); omit the key for all, not "*"',
  ],
  ['- { host: a.b, dockerConfigFile: absent }', '[0].dockerConfigFile: /etc/patchline/absent: no such file'],
  [
    '- { host: a.b, tokenFrom: { environment: REGISTRY_PASSWORD } }',
    '[0].tokenFrom: is for GitLab: say kind: gitlab, or use username',
  ],
  [
    '- { host: a.b, kind: gitlab, tokenFrom: { environment: REGISTRY_PASSWORD } }',
    '[0].apiUrl: is missing: tokenFrom needs it',
  ],
  [
    '- { host: a.b, kind: gitlab, apiUrl: "https://c.d", tokenFrom: { environment: NOPE } }',
    '[0].tokenFrom.environment: environment variable NOPE is not set',
  ],
  ['- { host: a.b, kind: docker-hub }', '[0].apiUrl: is missing: docker-hub needs it'],
  [
    '- { host: a.b, provider: ecr }',
    '[0].provider: ecr is for ACCOUNT.dkr.ecr.REGION.amazonaws.com, not for a.b',
  ],
  [
    '- { host: evil.com, provider: gar }',
    '[0].provider: gar is for gcr.io or LOCATION-docker.pkg.dev, not for evil.com',
  ],
  [
    '- { host: x.azurecr.io.evil.com, provider: acr }',
    '[0].provider: acr is for NAME.azurecr.io, not for x.azurecr.io.evil.com',
    '[0].provider: acr needs workload identity: AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE are not set',
  ],
  [
    '- { host: x.azurecr.io, provider: acr }',
    '[0].provider: acr needs workload identity: AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE are not set',
  ],
]

t.test('each problem of a registry is named', async t => {
  for (const [text, ...problems] of badRegistries) {
    const error = t.throws(() => readConfig(`registries:\n${text}`, surroundings), {
      name: 'InvalidConfigError',
    })
    if (!(error instanceof InvalidConfigError)) continue
    t.same(
      error.problems.map(({ path, message }) => `${path}: ${message}`),
      problems.map(problem => `registries${problem}`),
      text,
    )
    t.notMatch(error.message, /hunter2|correct horse/)
  }
})

t.test('images of support dates have their whole names', async t => {
  const { supportTables } = readConfig(
    "supportTables: [{ images: [node, index.docker.io/team/app], lines: [{ line: '28', ltsFrom: 2027-10-26 }] }]",
    surroundings,
  )
  t.strictSame(supportTables, [
    {
      images: ['docker.io/library/node', 'docker.io/team/app'],
      lines: [{ line: '28', ltsFrom: '2027-10-26' }],
    },
  ])
})

t.test('custom kinds are read without the secrets and files of the rest', async t => {
  const text = `
registries: [{ host: registry.example.com, username: robot, passwordFrom: { environment: UNSET }, caFile: nowhere }]
workloads: [{ group: example.com, kind: App, podTemplate: 'spec.groups[].template' }]`
  t.strictSame(readWorkloads(text), [
    { group: 'example.com', kind: 'App', podTemplate: 'spec.groups[].template' },
  ])
  t.strictSame(readWorkloads(''), [])
  t.throws(() => readWorkloads('mode: loud\nworkloads: []'), { message: /mode: must be one of .*\(line 1\)/ })
  const twice = `workloads:
  - { group: example.com, kind: App, podTemplate: spec.a }
  - { group: example.com, kind: App, podTemplate: spec.a }`
  t.throws(() => readWorkloads(twice), {
    message: /workloads\[1\]\.podTemplate: spec\.a of App is there twice \(line 3\)/,
  })
})

t.test('what else there is', async t => {
  const rows: readonly (readonly [string, string])[] = [
    [
      'egress: { allowedRanges: [10.0.0.0/33] }',
      'egress.allowedRanges[0]: must be a range of addresses like 10.20.0.0/16, not "10.0.0.0/33"',
    ],
    [
      'egress: { allowedRanges: [example.com] }',
      'egress.allowedRanges[0]: must be a range of addresses like 10.20.0.0/16, not "example.com"',
    ],
    [
      "supportTables: [{ images: ['node:22'], lines: [{ line: '22' }] }]",
      'supportTables[0].images[0]: must be an image without a tag like mojaloop/central-ledger, not "node:22"',
    ],
    [
      'supportTables: [{ images: [node], lines: [{ line: v22 }] }]',
      'supportTables[0].lines[0].line: must be the numbers of a line like 22 or 1.28, not "v22"',
    ],
    [
      'supportTables: [{ images: [node], lines: [{ line: 22 }] }]',
      "supportTables[0].lines[0].line: put it in quotes: '22'",
    ],
    [
      "supportTables: [{ images: [node], lines: [{ line: '22', end: 2027-02-30 }] }]",
      'supportTables[0].lines[0].end: must be a day like 2026-10-28, not "2027-02-30"',
    ],
    [
      "supportTables: [{ images: [node], lines: [{ line: '22' }, { line: '22' }] }]",
      'supportTables[0].lines[1].line: 22 is there twice',
    ],
    [
      "supportTables: [{ images: [node], lines: [{ line: '22', released: 2024-04-24, end: 2023-04-30 }] }]",
      'supportTables[0].lines[0].end: 2023-04-30 is before released, 2024-04-24',
    ],
    [
      'workloads: [{ group: apps, kind: Deployment, podTemplate: spec.template }]',
      'workloads[0].group: must be a group of custom kinds like argoproj.io, not "apps"',
    ],
    [
      'workloads: [{ group: example.com, kind: app, podTemplate: spec.template }]',
      'workloads[0].kind: must be a kind like Rollout, not "app"',
    ],
    [
      'workloads: [{ group: example.com, kind: App, podTemplate: spec..template }]',
      'workloads[0].podTemplate: must be a path like spec.template or spec.tasks[].template, not "spec..template"',
    ],
    [
      'workloads: [{ group: example.com, kind: App, podTemplate: ., resource: App }]',
      'workloads[0].resource: must be a plural like rollouts, not "App"',
    ],
    ['workloads: [{ group: example.com, kind: App }]', 'workloads[0].podTemplate: is missing'],
    [
      'workloads: [{ group: example.com, kind: App, podTemplate: spec.a }, { group: example.com, kind: App, podTemplate: spec.a }]',
      'workloads[1].podTemplate: spec.a of App is there twice',
    ],
    [
      'workloads: [{ group: example.com, kind: App, podTemplate: spec.a, resource: app }, { group: example.com, kind: App, podTemplate: spec.b }]',
      'workloads[1].resource: must be the same in every entry of App',
    ],
    ['schemes: [{ images: [], pattern: x }]', 'schemes[0].images: must not be empty'],
    [
      `schemes: [{ images: [minio/minio], pattern: ${'x'.repeat(513)} }]`,
      'schemes[0].pattern: must have at most 512 characters',
    ],
    ['schemes: [{ images: [minio/minio] }]', 'schemes[0].pattern: is missing'],
    [
      'schemes: [{ images: [minio/minio], pattern: "(" }]',
      'schemes[0].pattern: scheme 1 ("minio/minio"): the pattern is none of RE2\'s syntax: error parsing regexp: missing closing ): `(`',
    ],
    [
      'schemes: [{ images: [minio/minio, "postgres:16"], pattern: "(?P<major>[0-9]+)" }]',
      'schemes[0].images[1]: postgres:16 has a tag or a digest, and a scheme is for all tags of an image: write postgres',
    ],
    [
      'schemes: [{ images: ["quay.io/minio/minio:RELEASE.2024"], pattern: "(?P<major>[0-9]+)" }]',
      'schemes[0].images[0]: quay.io/minio/minio:RELEASE.2024 has a tag or a digest, and a scheme is for all tags of an image: write quay.io/minio/minio',
    ],
    [
      `schemes: [{ images: ["postgres@sha256:${'a'.repeat(64)}"], pattern: "(?P<major>[0-9]+)" }]`,
      `schemes[0].images[0]: postgres@sha256:${'a'.repeat(64)} has a tag or a digest, and a scheme is for all tags of an image: write postgres`,
    ],
    [
      'schemes: [{ images: [Minio/Minio], pattern: "(?P<major>[0-9]+)" }]',
      'schemes[0].images[0]: no image begins with "Minio/Minio"',
    ],
    [
      'schemes: [{ images: ["a.b/*"], pattern: "(?P<major>[0-9]+)" }]',
      'schemes[0].images[0]: no image begins with "a.b/*"',
    ],
    [
      'schemes: [{ images: ["https://a.b/c"], pattern: "(?P<major>[0-9]+)" }]',
      'schemes[0].images[0]: no image begins with "https://a.b/c"',
    ],
    [
      'schemes: [{ images: ["a.b:99999/c"], pattern: "(?P<major>[0-9]+)" }]',
      'schemes[0].images[0]: no image begins with "a.b:99999/c"',
    ],
    [
      '{ webhook: { certificateFile: a, keyFile: b, port: 9000 }, operations: { port: 9000 } }',
      'operations.port: 9000 is the port of the webhook too: give each server its own',
    ],
    ['api: { certificateFile: a }', 'api: must have both of certificateFile and keyFile, or neither'],
    ['api: { clientNames: [a] }', 'api.clientCaFile: is missing: clientNames needs it'],
    ['api: { clientCaFile: a }', 'api.certificateFile: is missing: clientCaFile needs TLS'],
    ['api: { authentication: tokens }', 'api.authentication: tokens needs api.tokens, which is empty'],
    [
      '{ api: {}, operations: { authentication: tokens } }',
      'operations.authentication: tokens needs api.tokens, which is empty',
    ],
    [
      'api: { tokens: [{ name: ci, tokenFrom: { environment: NONE } }] }',
      'api.tokens[0].tokenFrom.environment: environment variable NONE is not set',
    ],
    [
      'api: { tokens: [{ name: ci, tokenFrom: abc }] }',
      'api.tokens[0].tokenFrom: write { environment: NAME } or { file: PATH }',
    ],
    [
      '{ operations: { port: 9000 }, api: { port: 9000, address: 127.0.0.1 } }',
      'api.port: 9000 is the port of operations too: give each server its own',
    ],
    [
      '{ webhook: { certificateFile: a, keyFile: b, port: 9000 }, api: { port: 9000 } }',
      'api.port: 9000 is the port of the webhook too: give each server its own',
    ],
    [
      'catalog: { directory: state/file }',
      'catalog.directory: /etc/patchline/state/file is a file: name a directory, or remove the file',
    ],
    [
      'catalog: { directory: state/file/below }',
      'catalog.directory: /etc/patchline/state/file is a file: name a directory, or remove the file',
    ],
    ['kubernetes: { pullSecrets: yes }', 'kubernetes.pullSecrets: must be one of auto, on, off, not "yes"'],
  ]
  for (const [text, problem] of rows)
    t.throws(
      () => readConfig(text, surroundings),
      { message: `the configuration has 1 problem:\n  ${problem} (line 1)` },
      text,
    )
})

t.test('a registry with everything', async t => {
  const config = readConfig(
    `
registries:
  - host: Index.Docker.io
    aliases: [mirror.local/docker-hub]
    dockerConfigFile: config.json
  - name: corp
    host: gitlab.corp:5050
    kind: gitlab
    apiUrl: https://gitlab.corp/git
    tokenFrom: { file: password }
    proxy: http://u:p@proxy.corp:3128
    limits: { requestsPerSecond: 0.5, burst: 2, concurrency: 1, pageSize: 50, timeoutSeconds: 1.5 }
  - { host: ghcr.io, prefix: acme, username: robot, passwordFrom: { environment: REGISTRY_PASSWORD } }
  - { host: ${account}, provider: ecr }
  - { host: europe-docker.pkg.dev, prefix: project/repository, provider: gar }
  - { host: acme.azurecr.io, provider: acr }
egress: { allowedRanges: [10.1.0.0/16, "fd12::/16", 169.254.1.1] }
schemes: [{ images: [postgres], pattern: '(?P<major>\\d+)', name: whole }]
catalog: { directory: state }
kubernetes: { pullSecrets: off }
`.replace('off', "'off'"),
    {
      ...surroundings,
      environment: {
        ...surroundings.environment,
        HTTPS_PROXY: 'http://proxy:3128',
        no_proxy: '.svc',
        GCE_METADATA_HOST: '127.0.0.1:1',
        GOOGLE_APPLICATION_CREDENTIALS: '/var/key.json',
        AZURE_CLIENT_ID: 'client',
        AZURE_TENANT_ID: 'tenant',
        AZURE_FEDERATED_TOKEN_FILE: '/var/token',
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
      },
    },
  )
  t.strictSame(config.registries, [
    {
      host: 'docker.io',
      aliases: ['mirror.local/docker-hub'],
      dockerConfig: files['/etc/patchline/config.json'],
    },
    {
      host: 'gitlab.corp:5050',
      name: 'corp',
      kind: 'gitlab',
      apiUrl: 'https://gitlab.corp/git',
      proxy: 'http://u:p@proxy.corp:3128',
      limits: { requestsPerSecond: 0.5, burst: 2, concurrency: 1, pageSize: 50, requestTimeout: 1500 },
      apiToken: 'hunter2',
    },
    { host: 'ghcr.io', prefix: 'acme', credentials: { username: 'robot', password: 'correct horse' } },
    { host: account, provider: { kind: 'ecr' } },
    {
      host: 'europe-docker.pkg.dev',
      prefix: 'project/repository',
      provider: { kind: 'gar', metadataHost: '127.0.0.1:1', key: files['/var/key.json'] },
    },
    {
      host: 'acme.azurecr.io',
      provider: {
        kind: 'acr',
        clientId: 'client',
        tenantId: 'tenant',
        tokenFile: '/var/token',
        authorityHost: 'https://login.microsoftonline.com',
      },
    },
  ])
  t.match(config, {
    egress: {
      allowedRanges: ['10.1.0.0/16', 'fd12::/16', '169.254.1.1'],
      proxyEnvironment: { HTTPS_PROXY: 'http://proxy:3128', no_proxy: '.svc' },
    },
    schemes: [{ images: ['postgres'], pattern: String.raw`(?P<major>\d+)`, name: 'whole' }],
    catalog: { directory: '/etc/patchline/state' },
    kubernetes: { pullSecrets: 'off' },
  })
  const settings: readonly RegistrySettings[] = config.registries
  const provider = { credentials: async () => ({ username: '', password: '' }) }
  t.equal(createRegistries(settings, () => provider).all.length, 6, 'the registry client takes them')
})

t.test('proxies of the environment are left alone where they are not wanted', async t => {
  const environment = { HTTPS_PROXY: 'http://proxy:3128' }
  const config = readConfig('egress: { proxyFromEnvironment: false }', { ...surroundings, environment })
  t.same(config.egress.proxyEnvironment, {})
})

t.test('a key of no service account is a problem, and stays secret', async t => {
  for (const [path, why] of [
    [
      '/var/user.json',
      'GOOGLE_APPLICATION_CREDENTIALS names no key of a service account; leave it out in the cluster',
    ],
    [
      '/etc/patchline/ca.pem',
      'GOOGLE_APPLICATION_CREDENTIALS names no key of a service account; leave it out in the cluster',
    ],
    ['/absent', '/absent: no such file'],
  ]) {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: path }
    const message = `the configuration has 1 problem:\n  registries[0].provider: ${why} (line 1)`
    t.throws(
      () => readConfig('registries: [{ host: gcr.io, provider: gar }]', { ...surroundings, environment }),
      { message },
    )
  }
})

t.test('a key with nothing behind it has its defaults', async t => {
  for (const key of ['webhook', 'registries', 'audit', 'notifications', 'schemes', 'egress'])
    t.same(readConfig(`${key}:\n`, surroundings), readConfig('', surroundings), key)
  t.same(
    readConfig('notifications:\n  channels:\n  # none yet\n', surroundings),
    readConfig('', surroundings),
  )
  const [registry] = readConfig('registries:\n  - host: a.b\n    limits:\n', surroundings).registries
  t.same(registry?.limits, {})
})

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

t.test(
  'contradictions are reported beside problems of form, where the parts concerned can be read',
  async t => {
    const text = `
mode: loud
webhook: { port: 8080, clientNames: [a] }
audit: { cron: often }
registries:
  - { host: a.b, namespaces: [team] }
  - { host: a.b, kind: nexsus }
  - { host: a.b }
schemes:
  - { images: [minio/minio], pattern: '(' }
  - { images: [], pattern: '(' }
workloads:
  - { group: example.com, kind: App, podTemplate: spec.a }
  - { group: example.com, kind: app, podTemplate: spec.a }
  - { group: example.com, kind: App, podTemplate: spec.a }
notifications:
  channels: [{ name: a, kind: slack }]
  routes: [{ name: r, channels: [b] }, { name: r, channels: [a], namespaces: [No] }]
`
    const error = t.throws(() => readConfig(text, surroundings))
    t.ok(error instanceof InvalidConfigError)
    if (!(error instanceof InvalidConfigError)) return
    t.strictSame(error.problems.map(({ path, line }) => `${path}:${line}`).toSorted(), [
      'audit.cron:4',
      'mode:2',
      'notifications.channels[0].urlFrom:17',
      'notifications.routes[0].channels[0]:18',
      'notifications.routes[1].namespaces[0]:18',
      'registries[0].namespaces:6',
      'registries[1].kind:7',
      'registries[2].host:8',
      'schemes[0].pattern:10',
      'schemes[1].images:11',
      'webhook.clientCaFile:3',
      'workloads[1].kind:14',
      'workloads[2].podTemplate:15',
    ])
  },
)

t.test('what looks like a tag, or one port for two, may be meant', async t => {
  for (const text of [
    'registries: [{ host: "registry:5000" }]\nschemes: [{ images: ["registry:5000"], pattern: "(?P<major>[0-9]+)" }]',
    'registries: [{ host: a.b, aliases: ["old:5000/x"] }]\nschemes: [{ images: ["old:5000"], pattern: "(?P<major>[0-9]+)" }]',
    'schemes: [{ images: ["a.b:5000", "registry:5000/team/", quay.io, docker.io/, localhost, "localhost:5000", "[::1]:5000", postgres], pattern: "(?P<major>[0-9]+)" }]',
    'webhook: { port: 8080 }', // an audit has no webhook
    'webhook: { certificateFile: a, keyFile: b, port: 0 }\noperations: { port: 0 }',
    'webhook: { certificateFile: a, keyFile: b, port: 1, address: 127.0.0.1 }\noperations: { port: 1, address: 127.0.0.2 }',
    'catalog: { directory: state }',
  ])
    t.doesNotThrow(() => readConfig(text, surroundings), text)
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

t.test('the examples of the documentation can be used', async t => {
  for (const page of ['registries.md', 'configuration.md']) {
    const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
    for (const [, example = ''] of text.matchAll(/^```yaml\n(.*?)^```$/gms)) {
      const named: readonly string[] = [...example.matchAll(/environment: (\w+)/g)].map(
        ([, name = '']) => name,
      )
      const config = readConfig(example, {
        baseDirectory: '/etc/patchline',
        environment: Object.fromEntries(named.map(name => [name, 'hunter2'])),
        readFile: path => (path.endsWith('.json') ? '{"auths":{"a.b":{"auth":"dTpw"}}}' : 'hunter2'),
      })
      const provider = { credentials: async () => ({ username: 'u', password: 'p' }) }
      t.doesNotThrow(() => createRegistries(config.registries, () => provider), `${page}: ${example}`)
    }
  }
})

const everything = {
  mode: 'warn',
  ownNamespace: 'patchline-system',
  controllers: ['x'],
  webhook: { port: 8443 },
  registries: [{ host: 'a.b', username: 'u', passwordFrom: { environment: 'PASSWORD' }, caFile: 'ca.pem' }],
  egress: { allowedRanges: ['10.0.0.0/8'] },
  kubernetes: { kubeconfig: 'kube.config' },
  audit: { cron: '0 6 * * *' },
  notifications: {
    cluster: 'c',
    channels: [
      { name: 'a', kind: 'slack', urlFrom: { environment: 'URL' }, caFile: 'ca.pem' },
      { name: 'b', kind: 'telegram', tokenFrom: { file: 'token' }, chat: '1', apiUrl: 'https://t.example' },
      { name: 'c', kind: 'email', host: 'h', security: 'tls', from: 'a@b.c', to: ['a@b.c'] },
    ],
    routes: [{ name: 'all', channels: ['a'] }],
  },
  log: { level: 'info' },
}

/** The same value with another in each of its places, one at a time; and with another key in each mapping. */
function* planted(value: unknown, plant: unknown): Generator {
  yield plant
  if (Array.isArray(value))
    for (const [at, item] of value.entries())
      for (const changed of planted(item, plant)) yield value.with(at, changed)
  else if (typeof value === 'object' && value !== null) {
    yield { ...value, [String(plant)]: 1 }
    yield { ...value, other: plant }
    for (const [key, item] of Object.entries(value))
      for (const changed of planted(item, plant)) yield { ...value, [key]: changed }
  }
}

function readFile(path: string): string {
  if (path.endsWith('ca.pem')) return '-----BEGIN CERTIFICATE-----'
  throw new Error(`ENOENT: no such file or directory, open '${path}'`)
}

t.test('wherever a secret stands in a file, broken or not, no problem says it', async t => {
  const secret = 's3cretOfTheChannel'
  const url = `https://hooks.example/services/T0/${secret}`
  const environment = { PASSWORD: secret, URL: url }
  let refused = 0
  const said: string[] = []
  const check = (text: string): void => {
    try {
      readConfig(text, { environment, baseDirectory: '/', readFile })
    } catch (error) {
      refused += 1
      if (inspect(error, { depth: 10 }).includes(secret)) said.push(`${text}: ${String(error)}`)
    }
  }
  for (const plant of [url, { [url]: [url] }])
    for (const document of planted(everything, plant)) check(JSON.stringify(document))
  // Broken before, in and behind it.
  const text = JSON.stringify({ ...everything, ownNamespace: url })
  const at = text.indexOf(secret)
  for (const place of [at - 1, at, at + 4, at + secret.length, at + secret.length + 1])
    for (const sign of ['"', '*', '!', '%', '\\q', '\n', '&', ': ', ']', '\t'])
      check(`${text.slice(0, place)}${sign}${text.slice(place)}`)
  for (const broken of [
    `a: *${secret}`,
    `a: !${secret} x`,
    `%${secret} x\n---\n`,
    `a: "x" ${secret}`,
    `- ${secret}`,
  ])
    check(broken)
  t.strictSame(said, [])
  t.ok(refused > 100)
})
