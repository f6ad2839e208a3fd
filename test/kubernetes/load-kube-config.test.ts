import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { KubernetesError, loadKubeConfig } from '../../src/kubernetes/index.ts'

const next = 'name a kubeconfig file, set KUBECONFIG, or run in a pod with a service account token'
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
    plain: yaml('http://10.0.0.1'),
    nohost: yaml('https://undefined:undefined'),
    nourl: yaml('10.0.0.1:6443'),
    unverified: yaml('http://10.0.0.1', ', insecure-skip-tls-verify: true'),
  })
  const table = [
    ['missing', /missing: ENOENT: no such file or directory/],
    ['broken', /broken: it is not YAML \(line 1, column 12\)/],
    ['empty', /empty: the current context "" names no cluster; /],
    ['lost', /lost: the current context "away" names no cluster; /],
    ['plain', /plain: http:\/\/10\.0\.0\.1 is not https, and insecure-skip-tls-verify is not set; /],
    ['nohost', /nohost: "https:\/\/undefined:undefined" is not the URL of a server; /],
    ['nourl', /nourl: "10\.0\.0\.1:6443" is not the URL of a server; /],
  ] as const
  for (const [name, message] of table) {
    const error: unknown = await loadKubeConfig({ path: join(folder, name) }).catch(
      (thrown: unknown) => thrown,
    )
    t.ok(error instanceof KubernetesError, name)
    t.match(error, { code: 'no-config', message, next })
  }
  await t.resolves(loadKubeConfig({ path: join(folder, 'unverified') }))
})

t.test('what cannot be parsed is never quoted', async t => {
  const token = 'SUPERSECRETTOKEN'
  const rows: readonly (readonly [text: string, why: RegExp])[] = [
    [
      `users:\n- name: u\n  user:\n    token: ${token}\n   bad: indentation\n`,
      /it is not YAML \(line 5, column \d+\)/,
    ],
    [`users: *${token}\n`, /it is not YAML \(line 1, column \d+\)/],
    [`${token}\n`, /it is no kubeconfig|names no cluster/],
    [`users: ${token}\n`, /it is no kubeconfig|names no cluster/],
    [`clusters: [{name: k, cluster: ${token}}]\n`, /it is no kubeconfig|names no cluster/],
    [`\u0000\u0001${token}`, /it is not YAML|it is no kubeconfig/],
  ]
  for (const [text, why] of rows) {
    const path = join(t.testdir({ config: text }), 'config')
    const error: unknown = await loadKubeConfig({ path }).catch((thrown: unknown) => thrown)
    t.ok(error instanceof KubernetesError && why.test(error.message), `${text}: ${String(error)}`)
    t.notMatch(inspect(error, { depth: 10 }), token)
  }
})

t.test('nothing anywhere is not taken for localhost:8080', async t => {
  delete process.env['KUBECONFIG']
  process.env['HOME'] = t.testdir()
  await t.rejects(loadKubeConfig(), {
    code: 'no-config',
    message: `load the Kubernetes configuration: nothing found in the default places; ${next}`,
  })
})
