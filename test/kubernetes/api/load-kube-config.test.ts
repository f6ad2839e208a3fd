import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import { KubernetesError, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import type { KubeConfigOptions } from '../../../src/kubernetes/api/load-kube-config.ts'

const next = 'name a kubeconfig file, set KUBECONFIG, or run in a pod with a service account token'
const contexts =
  'kubectl config get-contexts lists them, kubectl config use-context NAME makes one the current'
const before = { ...process.env }
t.afterEach(() => {
  process.env = { ...before }
})

const yaml = (server: string, extra = '') => `
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "${server}"${extra}}}]
users: [{name: u, user: {token: t}}]
`

t.test('an explicit path, or KUBECONFIG', async t => {
  const folder = t.testdir({ config: yaml('https://10.0.0.1:6443') })
  const path = join(folder, 'config')
  t.equal((await loadKubeConfig({ path })).getCurrentCluster()?.server, 'https://10.0.0.1:6443')
  process.env['KUBECONFIG'] = path
  t.equal((await loadKubeConfig()).getCurrentCluster()?.server, 'https://10.0.0.1:6443')
})

t.test('what cannot be used is said in words', async t => {
  const folder = t.testdir({
    broken: 'clusters: [',
    empty: '{}',
    lost: 'current-context: away\ncontexts: []\nclusters: []\nusers: []\n',
    astray: yaml('https://10.0.0.1').replace('current-context: c', 'current-context: away'),
    clusterless: yaml('https://10.0.0.1').replace('cluster: k,', 'cluster: away,'),
    plain: yaml('http://10.0.0.1'),
    nohost: yaml('https://undefined:undefined'),
    nourl: yaml('10.0.0.1:6443'),
    unverified: yaml('http://10.0.0.1', ', insecure-skip-tls-verify: true'),
  })
  const table: readonly (readonly [name: string, message: RegExp, step?: string])[] = [
    ['missing', /missing: there is no such file; /],
    ['.', /: it cannot be read: EISDIR; /],
    ['broken', /broken: it is not YAML \(line 1, column 12\)/],
    ['empty', /empty: it has no current-context; /, contexts],
    ['lost', /lost: its current-context is none of its contexts; /, contexts],
    ['astray', /astray: its current-context is none of its contexts; /, contexts],
    ['clusterless', /clusterless: the cluster of its current-context is none of its clusters; /, contexts],
    ['plain', /plain: the server of its cluster is not https, and insecure-skip-tls-verify is not set; /],
    ['nohost', /nohost: the server of its cluster is not the URL of a server; /],
    ['nourl', /nourl: the server of its cluster is not the URL of a server; /],
  ]
  for (const [name, message, step = next] of table) {
    const error: unknown = await loadKubeConfig({ path: join(folder, name) }).catch(
      (thrown: unknown) => thrown,
    )
    t.ok(error instanceof KubernetesError, name)
    t.match(error, { code: 'no-config', message, next: step })
  }
  await t.resolves(loadKubeConfig({ path: join(folder, 'unverified') }))
})

const token = 'SUPERSECRETTOKEN'

async function refusal(options: KubeConfigOptions): Promise<unknown> {
  return loadKubeConfig(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
}

t.test('what cannot be parsed is never quoted', async t => {
  const rows: readonly (readonly [text: string, why: RegExp])[] = [
    [
      `users:\n- name: u\n  user:\n    token: ${token}\n   bad: indentation\n`,
      /it is not YAML \(line 5, column \d+\)/,
    ],
    [`users: *${token}\n`, /it is not YAML \(line 1, column \d+\)/],
    [`${token}\n`, /it has no current-context/],
    [`users: ${token}\n`, /it has no current-context/],
    [`clusters: [{name: k, cluster: ${token}}]\n`, /it is no kubeconfig/],
    [`current-context: ${token}\n`, /its current-context is none of its contexts/],
    [yaml(token), /the server of its cluster is not the URL of a server/],
    [yaml(`http://u:${token}@127.0.0.1`), /the server of its cluster is not https/],
    [yaml('https://10.0.0.1').replace('token: t', `token-file: /${token}`), /cannot be read: ENOENT/],
    ['\u0000\u0001SUPERSECRETTOKEN', /it is not YAML/],
  ]
  for (const [text, why] of rows) {
    const path = join(t.testdir({ config: text }), 'config')
    for (const options of [{ path }, { searchPath: `${path}:/nope` }]) {
      const error = await refusal(options)
      t.ok(error instanceof KubernetesError && why.test(error.message), `${text}: ${String(error)}`)
      t.notMatch(inspect(error, { depth: 10 }), token)
    }
  }
})

/** A kubeconfig as far as its parts go: a text anywhere, also where it breaks the file. */
const places = [
  ...yaml('https://10.0.0.1').trim().split('\n'),
  'kind: Config',
  '- name: x',
  '  client-key-data: abc',
]

t.test('wherever a token stands in a file, broken or not, no error says it', async t => {
  const line = fc.oneof(
    fc.constantFrom(...places),
    fc
      .tuple(fc.constantFrom(...places), fc.nat(60))
      .map(([text, at]) => `${text.slice(0, at)}${token}${text.slice(at)}`),
    fc
      .tuple(fc.constantFrom(...places), fc.nat(60))
      .map(([text, at]) => `${text.slice(0, at)} ${token}: [ "${text.slice(at + 3)}`),
  )
  const folder = t.testdir()
  const path = join(folder, 'config')
  let refused = 0
  const property = fc.asyncProperty(
    fc.array(line, { minLength: 1, maxLength: 6 }),
    fc.boolean(),
    async (lines, several) => {
      writeFileSync(path, lines.join('\n'))
      const error = await refusal(several ? { searchPath: `/nope:${path}` } : { path, context: 'other' })
      if (error === undefined) return
      refused += 1
      if (!(error instanceof KubernetesError)) throw new Error('another error', { cause: error })
      if (inspect(error, { depth: 10 }).includes(token)) throw new Error(`says it: ${error.message}`)
    },
  )
  await fc.assert(property, { numRuns: 1000 })
  t.ok(refused > 0)
})

const named = (name: string, context = name): string => `
current-context: ${context}
contexts: [{name: ${name}, context: {cluster: ${name}, user: u}}]
clusters: [{name: ${name}, cluster: {server: "https://${name}.example", certificate-authority: ca.pem}}]
users: [{name: u, user: {token: of-${name}}}]
`

t.test('KUBECONFIG with several paths is read as kubectl reads it', async t => {
  const folder = t.testdir({ a: named('a'), b: named('b'), none: 'kind: Config\n', broken: 'users: [' })
  const [a, b, none, broken] = ['a', 'b', 'none', 'broken'].map(name => join(folder, name))
  const gone = ['/nope', '/nor/this']
  const rows: readonly (readonly [paths: readonly unknown[], server: string, token: string])[] = [
    [[a], 'https://a.example', 'of-a'],
    [['/nope', a], 'https://a.example', 'of-a'],
    [[a, '/nope'], 'https://a.example', 'of-a'],
    [['', a, ''], 'https://a.example', 'of-a'],
    [[a, a], 'https://a.example', 'of-a'],
    [[a, b], 'https://a.example', 'of-a'],
    [[b, a], 'https://b.example', 'of-b'],
    [[none, b, a], 'https://b.example', 'of-b'],
  ]
  for (const [paths, server, expected] of rows) {
    const kubeConfig = await loadKubeConfig({ searchPath: paths.join(':') })
    t.match(kubeConfig.getCurrentCluster(), { server, caFile: join(folder, 'ca.pem') }, String(paths))
    t.match(kubeConfig.getCurrentUser(), { token: expected }, String(paths))
  }
  const both = await loadKubeConfig({ searchPath: `${a}:${b}`, context: 'b' })
  t.match([both.getCurrentCluster()?.server, both.getCurrentUser()?.token], ['https://b.example', 'of-a'])
  t.equal(
    (await loadKubeConfig({ path: b, searchPath: a })).getCurrentContext(),
    'b',
    'a named file goes first',
  )

  const start = 'load the Kubernetes configuration: '
  const refusals: readonly (readonly [searchPath: string, why: string, step?: string])[] = [
    [gone.join(':'), 'no file that KUBECONFIG names exists: /nope:/nor/this'],
    ['/nope', 'no file that KUBECONFIG names exists: /nope'],
    [':', 'no file that KUBECONFIG names exists: :'],
    [`${a}:${broken}`, `${broken}: it is not YAML (line 1, column 9)`],
    [`/nope:${none}`, 'KUBECONFIG: it has no current-context', contexts],
  ]
  for (const [searchPath, why, step = next] of refusals)
    t.match(await refusal({ searchPath }), { code: 'no-config', message: `${start}${why}; ${step}` })
})

t.test('a token file of the personal kubeconfig', async t => {
  delete process.env['KUBECONFIG']
  const config = yaml('https://10.0.0.1:6443').replace('token: t', 'tokenFile: token')
  const home = t.testdir({ '.kube': { config } })
  process.env['HOME'] = home
  const kubeConfig = await loadKubeConfig()
  t.match(kubeConfig.getCurrentUser(), {
    authProvider: { config: { tokenFile: join(home, '.kube', 'token') } },
  })
})

t.test('nothing anywhere is not taken for localhost:8080', async t => {
  delete process.env['KUBECONFIG']
  process.env['HOME'] = t.testdir()
  await t.rejects(loadKubeConfig(), {
    code: 'no-config',
    message: `load the Kubernetes configuration: nothing found in the default places; ${next}`,
  })
})
