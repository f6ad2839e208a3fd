import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { composeServer, type RunningServer } from '../../../src/app/webhook/serve.ts'
import { readConfig } from '../../../src/config/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'

// Everything real but the cluster, whose API server is a stand-in: what tenants may know of each other.

const certificates = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
const agent = new Agent({ ca: certificates.ca.certificate, keepAlive: true })
const directory = mkdtempSync(join(tmpdir(), 'patchline-tenants-'))
const credentials = { username: 'reader', password: 'planted-password' }
const path = 'p'.repeat(43)
writeFileSync(join(directory, 'tls.crt'), certificates.serving.certificate)
writeFileSync(join(directory, 'tls.key'), certificates.serving.key)
writeFileSync(join(directory, 'path'), `${path}\n`)

async function registryFor(t: Test) {
  const registry = await startMemoryRegistry({
    repositories: { 'team-a/ledger': ['1.0.0', '1.0.1', '1.0.2'] },
    authentication: { kind: 'basic', ...credentials },
  })
  t.teardown(() => registry.close())
  return registry
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A cluster in which only team-a has a pull secret, and another secret. */
async function clusterFor(t: Test, host: string) {
  const auths = { [host]: { auth: base64(`${credentials.username}:${credentials.password}`) } }
  const secrets: Readonly<Record<string, unknown>> = {
    '/api/v1/namespaces/team-a/secrets/regcred': {
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64(JSON.stringify({ auths })) },
    },
    '/api/v1/namespaces/team-a/secrets/db-password': { kind: 'Secret', type: 'Opaque', data: {} },
  }
  const server = await startApiServer((received, response) => {
    const found = secrets[received.url.pathname]
    return (found === undefined ? refuse(404, 'not found') : answer(200, found))(received, response)
  })
  t.teardown(() => server.close())
  return { server, kubeconfig: server.kubeconfig(t.testdir()) }
}

async function serve(t: Test, { webhook = '', more = '' }): Promise<RunningServer> {
  // A busy machine takes long for the three look-ups of a first review; how long they may take is not what is tested.
  const text = `
webhook: { address: 127.0.0.1, port: 0, certificateFile: tls.crt, keyFile: tls.key, drainSeconds: 0, lookupBudgetMilliseconds: 9000 ${webhook} }
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
log: { level: error }
${more}`
  const surroundings = {
    environment: { PASSWORD: credentials.password },
    baseDirectory: directory,
    readFile: () => '',
  }
  const server = await composeServer(readConfig(text, surroundings))
  t.teardown(() => server.close({ drain: false }))
  return server
}

interface Asked {
  readonly namespace: string
  readonly secret?: string
  readonly host: string
  readonly path?: string
}

/** The warnings that a review of a Deployment gets; the status where it gets none. */
function ask(
  { webhookPort: port }: RunningServer,
  { namespace, secret, host, path: at = '/validate' }: Asked,
): Promise<unknown> {
  const pullSecrets = secret === undefined ? {} : { imagePullSecrets: [{ name: secret }] }
  const containers = [{ name: 'main', image: `${host}/team-a/ledger:1.0.0` }]
  const spec = { template: { spec: { ...pullSecrets, containers } } }
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      operation: 'CREATE',
      namespace,
      name: 'web',
      userInfo: { username: 'mallory' },
      object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec },
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const headers = { 'content-type': 'application/json' }
  const outgoing = request(
    { host: '127.0.0.1', port, path: `${at}?timeout=10s`, method: 'POST', agent, headers },
    incoming => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      incoming.on('end', () =>
        resolve(
          incoming.statusCode === 200 ? (JSON.parse(text).response.warnings ?? []) : incoming.statusCode,
        ),
      )
    },
  )
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}

t.teardown(() => {
  agent.destroy()
  rmSync(directory, { recursive: true, force: true })
})

const outdated = (host: string): readonly string[] => [
  `patchline: web: ${host}/team-a/ledger:1.0.0 is 2 versions behind 1.0.2 (line 1.0)`,
]
const refused = (host: string): readonly string[] => [
  `patchline: web: ${host}/team-a/ledger:1.0.0 not checked: its registry wants other credentials`,
]

t.test('a forged review gets nothing of another namespace, and no answer about its secrets', async t => {
  const { host } = await registryFor(t)
  const cluster = await clusterFor(t, host)
  const registries = `registries: [{ host: '${host}', insecure: true }]`
  const kubernetes = `kubernetes: { namespaceLabels: off, policies: off, kubeconfig: '${cluster.kubeconfig}' }`
  const server = await serve(t, { more: `${registries}\n${kubernetes}` })
  const answers = []
  for (const secret of ['regcred', 'db-password', 'no-such-secret'])
    for (const at of ['/validate', '/mutate'])
      answers.push(await ask(server, { namespace: 'team-a', secret, host, path: at }))
  t.strictSame(
    answers.filter((_, at) => at % 2 === 0),
    [refused(host), refused(host), refused(host)],
    'whatever secret it names, the same',
  )
  t.equal(cluster.server.received.length, 0, 'no secret was asked for')
})

t.test('a review under the secret path gets what the secrets of its namespace show', async t => {
  const { host } = await registryFor(t)
  const cluster = await clusterFor(t, host)
  const registries = `registries: [{ host: '${host}', insecure: true }]`
  const kubernetes = `kubernetes: { namespaceLabels: off, policies: off, kubeconfig: '${cluster.kubeconfig}' }`
  const server = await serve(t, { webhook: ', pathFile: path', more: `${registries}\n${kubernetes}` })
  const known = `/validate/${path}`
  t.equal(await ask(server, { namespace: 'team-a', secret: 'regcred', host }), 404)
  t.equal(cluster.server.received.length, 0)
  t.strictSame(
    await ask(server, { namespace: 'team-a', secret: 'regcred', host, path: known }),
    outdated(host),
  )
  t.notSame(await ask(server, { namespace: 'team-b', secret: 'regcred', host, path: known }), outdated(host))
})

t.test('credentials of the configuration with namespaces are used for these alone', async t => {
  const registry = await registryFor(t)
  const { host } = registry
  const entry = `host: '${host}', insecure: true, username: reader, passwordFrom: { environment: PASSWORD }`
  const more = `
registries: [{ ${entry}, namespaces: [team-a, 'shop-*'] }]
kubernetes: { namespaceLabels: off, policies: off, pullSecrets: off }`
  const server = await serve(t, { webhook: ', pathFile: path', more })
  const asked = (namespace: string) => ask(server, { namespace, host, path: `/validate/${path}` })
  t.strictSame(await asked('team-b'), refused(host))
  t.strictSame(await asked('team-a'), outdated(host))
  const withPassword = () =>
    registry.requests.filter(
      ({ path, headers }) => path.includes('/tags/list') && headers.authorization !== undefined,
    ).length
  const walks = withPassword()
  t.strictSame(await asked('shop-1'), outdated(host))
  t.equal(withPassword(), walks, 'they share what was read')
  t.strictSame(await asked('team-b'), refused(host), 'and tell nobody else')
  t.strictSame(await asked('shop'), refused(host))
  const open = await serve(t, { more })
  t.strictSame(
    await ask(open, { namespace: 'team-a', host }),
    refused(host),
    'a review may name any namespace',
  )
  const all = await serve(t, { more: more.replace(", namespaces: [team-a, 'shop-*']", '') })
  t.strictSame(await ask(all, { namespace: 'team-b', host }), outdated(host), 'without namespaces: for all')
})

t.test('files that cannot be used stop the start', async t => {
  const kubernetes = 'kubernetes: { namespaceLabels: off, policies: off, pullSecrets: off }'
  await t.rejects(serve(t, { webhook: ', pathFile: none', more: kubernetes }), {
    message: `${join(directory, 'none')}: no such file (webhook.pathFile; run patchline certs --patch, which makes it)`,
  })
  await t.rejects(serve(t, { webhook: ', pathFile: tls.crt', more: kubernetes }), {
    message: `${join(directory, 'tls.crt')}: line 1 is not a path (32 to 128 lower case letters, digits or -) (webhook.pathFile; run patchline certs --patch, which makes it)`,
  })
  await t.rejects(serve(t, { webhook: ', clientCaFile: tls.crt', more: kubernetes }), {
    message: `${join(directory, 'tls.crt')}: certificate 1 is not that of an authority (webhook.clientCaFile: the authority that signs the client certificate of the API server)`,
  })
})
