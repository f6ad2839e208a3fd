import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parseAllDocuments, stringify } from 'yaml'
import { freePorts } from '../support/network/free-ports.ts'
import { startPatchline } from '../support/program/local-patchline.ts'
import { startDistribution } from '../support/registry/registry-process.ts'
import { createAuthority, issueCertificate, type KeyPair } from './certificates.ts'
import { certsPatch } from './certs-patch.ts'
import { startControlPlane } from './control-plane.ts'
import { pushStageTags, stageConfiguration } from './stage.ts'
import { must, toolsFor, until } from './tools.ts'

// The way from the API server to the webhook as it is installed: through the Service, by its name in the certificate, with a
// client certificate and on the secret path of `patchline certs --patch`. Files are written as a kubelet mounts the Secret.

const directory = t.testdir()
const file = (name: string): string => join(directory, name)
const [port = 0] = await freePorts(1)
const host = 'patchline.patchline-system.svc'

const frontProxy = createAuthority('front-proxy-ca')
const apiServer = issueCertificate(frontProxy, { commonName: 'front-proxy-client' })
await writeFile(file('client-ca.crt'), frontProxy.certificate)
await writeFile(
  file('webhooks.kubeconfig'),
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    users: [
      {
        // Of port 443 the name alone would do.
        name: `${host}:${port}`,
        user: {
          'client-certificate-data': Buffer.from(apiServer.certificate).toString('base64'),
          'client-key-data': Buffer.from(apiServer.privateKey).toString('base64'),
        },
      },
    ],
  }),
)
const webhooks = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'WebhookAdmissionConfiguration',
  kubeConfigFile: file('webhooks.kubeconfig'),
}
await writeFile(
  file('admission.json'),
  JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      { name: 'ValidatingAdmissionWebhook', configuration: webhooks },
      { name: 'MutatingAdmissionWebhook', configuration: webhooks },
    ],
  }),
)
const cluster = await startControlPlane({
  apiServerArguments: [`--admission-control-config-file=${file('admission.json')}`],
})
t.teardown(() => cluster.close())
const { kubectl: run, namespace, create, get } = toolsFor(cluster)

// A Service that leads to this machine: the API server asks the name itself, no kube-proxy is between.
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'patchline', namespace: 'patchline-system' },
  spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
}
const kinds = ['Namespace', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']
const rendered = await must(run(`kustomize ${join(import.meta.dirname, '../../manifests')}`))
for (const document of parseAllDocuments(rendered.stdout)) {
  const kind = kinds.indexOf(String(document.get('kind')))
  if (kind > 0) document.setIn(['webhooks', 0, 'clientConfig', 'service', 'port'], port)
  if (kind >= 0) await create(document.toString({ directives: false }))
}
await create(stringify(service))

/** What a kubelet does for the pods of Patchline; the secret paths, the one in use first. */
async function mountSecret(): Promise<readonly string[]> {
  const { stdout } = await must(run('get secret patchline-tls -n patchline-system -o json'))
  const { data } = JSON.parse(stdout)
  for (const key of ['tls.crt', 'tls.key', 'path'])
    await writeFile(file(key), Buffer.from(data[key], 'base64'), { mode: 0o600 })
  return Buffer.from(data.path, 'base64').toString('utf8').trim().split('\n')
}

const patched = await certsPatch(cluster)
if (patched.code !== 0) throw new Error(patched.err)
const [first = '', second = ''] = await mountSecret()

const registry = await startDistribution({ version: 'v3' })
t.teardown(() => registry.close())
await pushStageTags(registry.origin)
const patchline = await startPatchline(stageConfiguration(registry.origin, cluster), {
  webhook: {
    port,
    certificateFile: file('tls.crt'),
    keyFile: file('tls.key'),
    pathFile: file('path'),
    clientCaFile: file('client-ca.crt'),
    clientNames: ['front-proxy-client'],
  },
})
t.teardown(() => patchline.close())
await namespace('warned')
await namespace('enforced', 'enforce')
const probe = 'create deployment probe --image=nginx:1.25.1 --dry-run=server -n'
await until('refusals', async () => (await run(`${probe} enforced`)).code === 1)

const behind = 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'

await t.test('what the API server asks is judged', async t => {
  const warned = await must(run('create deployment web --image=nginx:1.25.1 -n warned'))
  t.match(warned.stderr, `Warning: patchline: web: ${behind}`)
  const { annotations } = (await get('deployment/web', 'warned')).metadata
  t.equal(annotations?.['patchline.dev/status'], 'outdated', 'by the mutating one too')
  const refused = await run('create deployment web --image=nginx:1.25.1 -n enforced')
  t.match(
    refused.stderr,
    `admission webhook "validate.patchline.dev" denied the request: Deployment web: container nginx: ${behind}`,
  )
  await must(run('create deployment web --image=nginx:1.25.5 -n enforced'))
})

const forged = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'forged',
    operation: 'CREATE',
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    namespace: 'warned',
    name: 'web',
    userInfo: { username: 'somebody' },
    object: { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.25.1' }] } } } },
  },
})

/** The status and text of a review that we ask ourselves, or why there is none. */
function ask(path: string, client?: KeyPair): Promise<readonly [status: number | string, text: string]> {
  const { promise, resolve } = Promise.withResolvers<readonly [number | string, string]>()
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // Who forges a review does not care whom it tells.
    rejectUnauthorized: false,
    agent: false,
    ...(client !== undefined && { cert: client.certificate, key: client.privateKey }),
  })
  asked.on('error', error => resolve(['code' in error ? String(error.code) : '', '']))
  asked.on('response', answer => void text(answer).then(body => resolve([answer.statusCode ?? 0, body])))
  asked.end(forged)
  return promise
}

const status = async (path: string): Promise<number | string> => (await ask(path, apiServer))[0]

await t.test('what anybody else asks is turned away', async t => {
  const strangers = createAuthority('front-proxy-ca')
  // A closed connection can overtake the alert that says why.
  const noHandshake = [/^(?:ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED|ECONNRESET|EPIPE)$/, '']
  const rows: readonly (readonly [path: string, client: KeyPair | undefined, answer: unknown])[] = [
    [`/validate/${first}`, undefined, noHandshake],
    ['/validate', undefined, noHandshake],
    [`/validate/${first}`, issueCertificate(strangers, { commonName: 'front-proxy-client' }), noHandshake],
    [
      `/validate/${first}`,
      issueCertificate(frontProxy, { commonName: 'system:node:one' }),
      [403, 'the client certificate has none of the names of webhook.clientNames\n'],
    ],
    ['/validate', apiServer, [404, 'not found\n']],
    ['/mutate', apiServer, [404, 'not found\n']],
    [`/validate/${'0'.repeat(64)}`, apiServer, [404, 'not found\n']],
    [`/validate/${first}`, apiServer, [200, /"uid":"forged".*nginx:1\.25\.1 is 4 versions behind/]],
  ]
  for (const [path, client, answer] of rows) t.match(await ask(path, client), answer, path)
})

await t.test('nothing goes unjudged while the path, the pair and the authority change', async t => {
  const unjudged: string[] = []
  let count = 0
  const end = new AbortController()
  const applying = (async () => {
    for (; !end.signal.aborted; count += 1) {
      const { code, stderr } = await run(`${probe} enforced`)
      if (code !== 1 || !stderr.includes(behind)) unjudged.push(`${code} ${stderr}`)
    }
  })()
  try {
    const renewed = await certsPatch(cluster, '--new-path', '--wait', '0')
    t.equal(renewed.code, 0, renewed.err)
    t.match(renewed.out, 'validatingwebhookconfigurations/patchline: path patched')
    const called = 'get validatingwebhookconfiguration patchline -o jsonpath={..service.path}'
    const both = `/validate/${second} /validate/${second}`
    t.equal((await must(run(called))).stdout, both, 'the spare that replicas know, of each webhook')
    const web =
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"nginx:1.25.1"}]}}'
    const applied = await must(run('apply -n warned -f -', web))
    t.match(applied.stderr, `Warning: patchline: web: ${behind}`, 'before any replica has read the Secret')

    const [, third = ''] = await mountSecret()
    await until('the new spare', async () => (await status(`/validate/${third}`)) === 200)
    t.equal(await status(`/validate/${first}`), 200, 'the one before, until the next change')

    t.equal((await certsPatch(cluster, '--new-path', '--wait', '0')).code, 0)
    const [current = '', fourth = ''] = await mountSecret()
    t.equal(current, third)
    await until('the newest spare', async () => (await status(`/validate/${fourth}`)) === 200)
    t.strictSame([await status(`/validate/${first}`), await status(`/validate/${second}`)], [404, 200])
    t.match((await must(run(`${probe} warned`))).stderr, behind)
  } finally {
    end.abort()
    await applying
  }
  t.strictSame(unjudged, [])
  t.ok(count > 10, `${count} requests meanwhile`)
})
