'use strict'

// src/ in reading order. A folder may import the ground floor, the folders named in `from` and the packages named in `npm`.
// Of the folders in `types` it may import types alone: the settings that a folder takes are declared there, and nowhere again.
// Folders without `io` may not touch node: built-ins. A folder missing from this table is an error.
const groundFloor = {
  text: { from: [], npm: [] },
  json: { from: [], npm: [] },
  async: { from: [], npm: ['lru-cache'] },
}

const layers = {
  api: { from: [], npm: ['json-schema-to-ts'] },
  image: { from: [], npm: [] },
  version: { from: [], npm: ['re2js'] },
  workload: { from: [], npm: [] },
  policy: { from: ['api', 'image', 'version'], npm: ['ajv', 'semver'] },

  evaluation: { from: ['image', 'version'], npm: [] },
  admission: { from: ['api', 'image', 'version', 'workload', 'policy', 'evaluation'], npm: [] },

  inventory: { from: ['api', 'evaluation', 'workload'], npm: [] },
  audit: { from: ['image', 'version', 'policy', 'evaluation', 'inventory'], npm: [] },
  notification: { from: ['image', 'workload', 'policy', 'inventory', 'audit'], npm: [] },
  report: { from: ['api', 'image', 'policy', 'evaluation', 'inventory', 'audit', 'notification'], npm: [] },
  scan: { from: ['image', 'workload', 'policy', 'evaluation', 'audit'], npm: ['yaml'] },

  watching: { from: ['image', 'evaluation'], npm: [] },

  egress: { from: [], npm: [], io: true },
  registry: {
    from: ['image', 'version', 'evaluation', 'egress'],
    npm: ['undici', 'cockatiel'],
    io: true,
  },
  catalog: { from: ['image', 'version', 'evaluation'], npm: ['lru-cache'], io: true },
  kubernetes: {
    from: ['image', 'workload', 'policy', 'admission', 'inventory', 'audit', 'notification', 'report'],
    npm: ['@kubernetes/client-node', 'yaml'],
    io: true,
  },
  channels: { from: ['notification', 'egress'], npm: ['@slack/webhook', 'nodemailer', 'undici'], io: true },
  certificates: { from: [], npm: ['node-forge'], io: true },
  telemetry: { from: ['evaluation', 'admission', 'audit', 'report'], npm: ['pino', 'prom-client'], io: true },
  http: {
    from: ['api', 'image', 'version', 'evaluation', 'admission', 'audit', 'report', 'watching'],
    npm: ['fastify'],
    io: true,
  },
  config: {
    from: ['image', 'version', 'workload', 'policy'],
    types: ['admission', 'audit', 'notification', 'registry', 'channels', 'telemetry'],
    npm: ['yaml', 'ajv', 'croner'],
    io: true,
  },
  app: {
    from: [
      'api',
      'image',
      'version',
      'workload',
      'policy',
      'evaluation',
      'admission',
      'audit',
      'notification',
      'watching',
      'egress',
      'registry',
      'catalog',
      'kubernetes',
      'channels',
      'certificates',
      'telemetry',
      'http',
      'config',
    ],
    npm: ['croner'],
    io: true,
  },
  cli: {
    from: [
      'api',
      'image',
      'version',
      'workload',
      'policy',
      'evaluation',
      'audit',
      'notification',
      'report',
      'scan',
      'registry',
      'channels',
      'certificates',
      'kubernetes',
      'config',
      'app',
    ],
    npm: ['commander', 'yaml'],
    io: true,
  },
}

// The rooms of a folder in reading order: each may import those before it.
const rooms = {
  policy: ['match', 'settings', 'object', 'decision'],
  admission: ['review', 'rules', 'messages', 'annotations', 'decision', 'policies'],
  version: ['tag', 'grammar', 'reading', 'scheme', 'support', 'choice'],
  scan: ['document', 'source', 'finding', 'fix', 'format'],
  registry: [
    'response',
    'credentials',
    'settings',
    'transport',
    'broker',
    'auth',
    'cloud',
    'manifest',
    'listing',
    'gitlab',
    'docker-hub',
  ],
  catalog: ['entry', 'disk', 'file', 'refresh'],
  config: ['settings', 'schema', 'read'],
  cli: ['terminal', 'print', 'input', 'commands'],
  kubernetes: [
    'api',
    'watch',
    'policy',
    'inventory',
    'leader',
    'state',
    'report',
    'webhook',
    'uninstall',
    'doctor',
  ],
  channels: ['message', 'transport'],
  certificates: ['x509', 'files', 'authority'],
  http: ['server', 'webhook', 'operations', 'api'],
  app: ['process', 'parts', 'webhook', 'audit', 'watch'],
}

const ground = Object.keys(groundFloor)
const all = { ...groundFloor, ...layers }
const names = Object.keys(all)
const anyOf = list => `(?:${list.join('|')})`
const folders = list => `^src/${anyOf(list)}/`

const layerRules = names.flatMap(name => {
  const { from, types = [], npm, io } = all[name]
  const inLayer = { path: `^src/${name}/` }
  return [
    {
      name: `${name}-imports`,
      severity: 'error',
      from: inLayer,
      comment: `src/${name} may import the ground floor and: ${from.join(', ') || 'no other folder'}.`,
      to: {
        path: '^src/',
        pathNot: folders([name, ...(name in groundFloor ? [] : ground), ...from, ...types]),
      },
    },
    ...(types.length === 0
      ? []
      : [
          {
            name: `${name}-types`,
            severity: 'error',
            from: inLayer,
            comment: `src/${name} may import types alone of: ${types.join(', ')}.`,
            to: { path: folders(types), dependencyTypesNot: ['type-only'] },
          },
        ]),
    {
      name: `${name}-packages`,
      severity: 'error',
      from: inLayer,
      comment: `src/${name} may use: ${npm.join(', ') || 'no package'}.`,
      to: {
        path: 'node_modules/',
        ...(npm.length > 0 && { pathNot: `node_modules/(?:@types/)?${anyOf(npm)}/` }),
      },
    },
    ...(io
      ? []
      : [
          {
            name: `${name}-is-pure`,
            severity: 'error',
            from: inLayer,
            comment: `src/${name} takes data or ports; node: built-ins belong to the io folders.`,
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ]
})

const roomRules = Object.entries(rooms).flatMap(([name, order]) =>
  order.map((room, at) => ({
    name: `${name}-${room}-imports`,
    severity: 'error',
    from: { path: `^src/${name}/${room}/` },
    comment: `src/${name}/${room} may import: ${order.slice(0, at).join(', ') || 'no other room'}.`,
    to: { path: `^src/${name}/`, pathNot: `^src/${name}/${anyOf(order.slice(0, at + 1))}/` },
  })),
)

module.exports = {
  forbidden: [
    ...layerRules,
    ...roomRules,
    {
      name: 'known-folder',
      severity: 'error',
      comment: 'give the folder a row in the table',
      from: { path: '^src/[^/]+/', pathNot: folders(names) },
      to: {},
    },
    {
      name: 'through-index',
      severity: 'error',
      comment: 'enter another folder by its index.ts',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'root-through-index',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-package',
      severity: 'error',
      from: { path: '^src/' },
      // Types are gone before anything runs.
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'src-knows-no-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|scripts)/' },
    },
    { name: 'tests-stand-alone', severity: 'error', from: { path: '^test/' }, to: { path: '\\.test\\.ts$' } },
  ],
  options: {
    tsPreCompilationDeps: true, // `import type` obeys the same rules
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
