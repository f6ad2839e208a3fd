'use strict'

// src/ in reading order. A folder may import only the folders named in `from` and the packages named in `npm`.
// Folders without `io` may not touch node: built-ins. A folder missing from this table is an error.
const layers = {
  json: { from: [], npm: [] },
  async: { from: [], npm: [] },
  text: { from: [], npm: [] },
  api: { from: [], npm: [] },
  image: { from: [], npm: [] },
  version: { from: [], npm: ['re2js'] },
  workload: { from: ['json', 'text'], npm: [] },
  policy: { from: ['version'], npm: [] },

  evaluation: { from: ['image', 'version'], npm: [] },
  admission: { from: ['api', 'image', 'version', 'workload', 'policy', 'evaluation'], npm: [] },

  audit: { from: ['json', 'api', 'image', 'version', 'workload', 'policy', 'evaluation'], npm: [] },
  notification: { from: ['text', 'image', 'workload', 'policy', 'audit'], npm: [] },

  registry: {
    from: ['async', 'text', 'image', 'version', 'evaluation'],
    npm: ['undici', 'cockatiel'],
    io: true,
  },
  catalog: { from: ['async', 'image', 'version', 'evaluation'], npm: ['lru-cache'], io: true },
  kubernetes: {
    from: ['json', 'text', 'image', 'workload', 'admission', 'audit', 'notification'],
    npm: ['@kubernetes/client-node', 'undici'],
    io: true,
  },
  channels: { from: ['notification'], npm: ['@slack/webhook', 'nodemailer', 'undici'], io: true },
  certificates: { from: [], npm: ['node-forge'], io: true },
  telemetry: { from: ['evaluation', 'admission', 'audit'], npm: ['pino', 'prom-client'], io: true },
  http: { from: ['json', 'async', 'api', 'admission', 'audit'], npm: ['fastify'], io: true },
  config: {
    from: ['text', 'image', 'version', 'workload', 'policy'],
    npm: ['yaml', 'ajv', 'croner'],
    io: true,
  },
  cli: {
    from: [
      'text',
      'api',
      'image',
      'version',
      'workload',
      'evaluation',
      'audit',
      'notification',
      'registry',
      'channels',
      'certificates',
      'kubernetes',
      'config',
      'compose',
      'compose-audit',
    ],
    npm: ['commander'],
    io: true,
  },
}

// The rooms of a folder in reading order: each may import those before it.
const rooms = { version: ['tag', 'grammar', 'choice', 'scheme'] }

const names = Object.keys(layers)
const anyOf = list => `(?:${list.join('|')})`
const folders = list => `^src/${anyOf(list)}(?:/|\\.ts$)` // "compose" is the file src/compose.ts

const layerRules = names.flatMap(name => {
  const { from, npm, io } = layers[name]
  const inLayer = { path: `^src/${name}/` }
  return [
    {
      name: `${name}-imports`,
      severity: 'error',
      from: inLayer,
      comment: `src/${name} may import: ${from.join(', ') || 'no other folder'}.`,
      to: { path: '^src/', pathNot: folders([name, ...from]) },
    },
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
    {
      name: 'only-entries-compose',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:main\\.ts$|compose(?:-catalog|-cycle|-audit)?\\.ts$|cli/)' },
      to: { path: '^src/(?:main|compose(?:-catalog|-cycle|-audit)?)\\.ts$' },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-package',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
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
