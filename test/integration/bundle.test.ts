import { X509Certificate } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { Ajv } from 'ajv'
import t, { type Test } from 'tap'
import { acceptedAbsences } from '../../scripts/bundle-code.ts'
import { fieldsOf, parseLockfile } from '../../scripts/lockfile.ts'
import { version } from '../../src/app/process/version.ts'
import { answer, FakeNamespaces, startApiServer, until } from '../support/kubernetes/fake-api-server.ts'
import { clusterHandler } from '../support/kubernetes/fake-cluster.ts'
import { FakeThings } from '../support/kubernetes/fake-things.ts'
import { StoredObjects } from '../support/kubernetes/stored-objects.ts'
import { reviewOf } from '../siege/reviews.ts'
import { buildBundle } from '../support/program/built-bundle.ts'
import { imageCommand } from '../support/program/image-command.ts'
import { startAudit } from '../support/program/local-audit.ts'
import { startPatchline, type LocalPatchline } from '../support/program/local-patchline.ts'
import { memoryRegistry } from '../support/registry/registry-fixture.ts'
import { proxyServer } from '../support/network/proxy-server.ts'
import { slackServer } from '../support/channels/slack-server.ts'
import { smtpServer } from '../support/channels/smtp-server.ts'

const root = join(import.meta.dirname, '../..')
const bundle = await buildBundle()
t.teardown(() => bundle.close())

function read(file: string): string {
  return readFileSync(join(bundle.directory, file), 'utf8')
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

t.test('it holds code, licences and an SBOM, and is the same each time', async t => {
  const files = readdirSync(bundle.directory, { recursive: true, encoding: 'utf8' })
  t.strictSame(files.filter(file => !file.startsWith('chunks')).toSorted(), [
    'LICENSE',
    'THIRD-PARTY-LICENSES.txt',
    'main.js',
    'package.json',
    'sbom.cdx.json',
  ])
  t.strictSame(JSON.parse(read('package.json')), {
    name: 'patchline',
    version,
    license: 'Apache-2.0',
    type: 'module',
  })
  t.strictSame(
    readdirSync(join(bundle.directory, 'chunks')).filter(file => !/\.js(?:\.LEGAL\.txt)?$/.test(file)),
    [],
  )
  for (const file of files.filter(file => file.endsWith('.js')))
    t.notMatch(read(file), /[^\p{ASCII}]/u, `${file}: one byte for each letter`)

  const again = await bundle.again()
  t.strictSame(readdirSync(again, { recursive: true, encoding: 'utf8' }).toSorted(), files.toSorted())
  for (const file of files.filter(file => file.includes('.')))
    t.equal(readFileSync(join(again, file), 'utf8'), read(file), file)
})

t.test('the SBOM is CycloneDX, and has each package that is in it', async t => {
  const document = fieldsOf(JSON.parse(read('sbom.cdx.json')))
  const library = fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library/package.json'))
  const schema = (name: string) =>
    fieldsOf(JSON.parse(readFileSync(join(library, `../res/schema/${name}.SNAPSHOT.schema.json`), 'utf8')))
  // Formats are left out: they need packages of their own, and what npm gives for addresses is what the authors wrote.
  const ajv = new Ajv({ strict: false, validateFormats: false })
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  t.ok(ajv.validate(schema('bom-1.5'), document), ajv.errorsText())
  const { name, purl, type } = fieldsOf(fieldsOf(document['metadata'])['component'])
  t.strictSame([name, purl, type], ['patchline', `pkg:npm/patchline@${version}`, 'application'])

  const components = listOf(document['components'])
  for (const component of components)
    t.ok(component['hashes'] !== undefined && component['licenses'] !== undefined, String(component['purl']))
  const refs = components.map(component => String(component['bom-ref'])).toSorted()
  const locked = parseLockfile(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const runtime = new Set(
    locked.filter(({ isRuntime }) => isRuntime).map(each => `${each.name}@${each.version}`),
  )
  t.strictSame(
    refs.filter(ref => !runtime.has(ref)),
    [],
  )
  // With the licence of each, and no other.
  const headings = [...read('THIRD-PARTY-LICENSES.txt').matchAll(/^(\S+) (\d\S+) \((?:\S+| OR | AND )+\)$/gm)]
  t.strictSame([...new Set(headings.map(([, name, version]) => `${name}@${version}`))].toSorted(), refs)
  // Whatever the program depends on by itself, and nothing of the client that it does not use.
  const names = new Set(refs.map(ref => ref.slice(0, ref.lastIndexOf('@'))))
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.strictSame(
    Object.keys(dependencies).filter(name => !names.has(name)),
    [],
  )
  for (const name of ['ws', 'tar-fs', '@types/node', ...acceptedAbsences.keys()])
    t.notOk(names.has(name), name)
})

t.test('the version, help and what is typed wrongly', async t => {
  t.strictSame(await bundle.run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  t.match(await bundle.run(['help', 'audit']), { code: 0, stdout: /^Usage: patchline audit/ })
  t.match(await bundle.run(['serve', '-c', 'none']), {
    code: 1,
    stderr: 'patchline: the configuration none: no such file\n',
  })
})

const tags = ['1.25.1', '1.25.5', '1.26.0']

t.test('check asks a registry, directly and through a proxy', async t => {
  const registry = await memoryRegistry(t, { repositories: { nginx: tags } })
  const args = ['check', '-o', 'json', '--insecure-registry', registry.host, `${registry.host}/nginx:1.25.1`]
  const { code, stdout } = await bundle.run(args)
  t.equal(code, 2)
  t.match(JSON.parse(stdout), { verdict: 'outdated', newest: '1.25.5', behind: 1 })

  const [host = '', port] = registry.host.split(':')
  const proxy = await proxyServer(t, { leadsTo: { host, port: Number(port) } })
  const far = ['check', '-o', 'json', '--insecure-registry', 'registry.test', 'registry.test/nginx:1.25.1']
  const proxied = await bundle.run(far, { HTTP_PROXY: proxy.origin })
  t.match(JSON.parse(proxied.stdout), { verdict: 'outdated', newest: '1.25.5' })
  t.match(proxy.requests[0], /^GET http:\/\/registry\.test\/v2\//)
})

t.test('the SDK of ECR is found beside it', async t => {
  const { createEcrProvider } = await import(join(bundle.directory, chunkOf('cloud-ecr')))
  const registry = { host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com' }
  const provider = createEcrProvider(registry, { now: Date.now })
  await t.rejects(provider.credentials(new AbortController().signal), /@aws-sdk\/client-ecr is not installed/)
  const sdk = join(bundle.directory, 'node_modules/@aws-sdk/client-ecr')
  mkdirSync(sdk, { recursive: true })
  writeFileSync(join(sdk, 'package.json'), '{"type":"module","main":"index.js"}')
  writeFileSync(
    join(sdk, 'index.js'),
    `export class GetAuthorizationTokenCommand {}
export class ECRClient {
  send() { return { authorizationData: [{ authorizationToken: btoa('AWS:sesame') }] } }
  destroy() {}
}
`,
  )
  t.match(await createEcrProvider(registry, { now: Date.now }).credentials(new AbortController().signal), {
    username: 'AWS',
    password: 'sesame',
  })
})

function chunkOf(name: string): string {
  const file = readdirSync(join(bundle.directory, 'chunks')).find(file =>
    new RegExp(`^${name}-\\w+\\.js$`).test(file),
  )
  return join('chunks', file ?? `no ${name}`)
}

t.test('certs makes a pair', async t => {
  const directory = join(t.testdir(), 'certs')
  t.match(await bundle.run(['certs', '--directory', directory]), { code: 0 })
  const [ca, serving] = ['ca.crt', 'tls.crt'].map(
    name => new X509Certificate(readFileSync(join(directory, name))),
  )
  t.ok(ca !== undefined && serving?.checkIssued(ca))
})

t.test('serve reads the labels of namespaces and answers reviews, as the image starts it', async t => {
  const registry = await memoryRegistry(t, { repositories: { nginx: tags } })
  const namespaces = new FakeNamespaces()
  namespaces.set('shop', { 'patchline.dev/mode': 'enforce' })
  const cluster = await startApiServer(namespaces.handler)
  t.teardown(() => cluster.close())
  const folder = t.testdir()
  const { nodeFlags, environment } = imageCommand(root)
  const patchline = await startPatchline(
    `
publicRegistries: false
kubernetes: { kubeconfig: ${cluster.kubeconfig(folder)} }
catalog: { directory: ${join(folder, 'catalog')} }
registries: [{ host: '${registry.host}', insecure: true }]
`,
    { program: bundle.program, nodeFlags, environment },
  )
  t.teardown(() => patchline.close())
  const image = `${registry.host}/nginx:1.25.1`
  const { response } = await ask(patchline, reviewOf('one', [image], 'shop'))
  t.match(response, { uid: 'one', allowed: false, status: { code: 403, message: /1\.25\.5/ } })
  t.match(await ask(patchline, reviewOf('two', [image], 'other')), {
    response: { allowed: true, warnings: [/is 1 version behind 1\.25\.5/] },
  })
  const metrics = await fetch(`${patchline.operations}/metrics`)
  t.match(await metrics.text(), /^patchline_/m)
  await until(() => readFileSync(patchline.log, 'utf8').includes('"msg":"serving"'))
})

async function ask(
  { origin, authority }: LocalPatchline,
  body: string,
): Promise<{ readonly response: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  request(`${origin}/validate?timeout=3s`, { ca: authority, method: 'POST', headers }, response => {
    let text = ''
    response.on('data', (chunk: Buffer) => void (text += chunk.toString()))
    response.on('end', () => resolve(text))
  })
    .on('error', reject)
    .end(body)
  return JSON.parse(await promise)
}

// The client does not look at the signature.
function idToken(issuer: string, seconds: number): string {
  const expires = Math.floor(Date.now() / 1000) + seconds
  const parts = [{ alg: 'RS256' }, { iss: issuer, aud: 'patchline', exp: expires }]
  return `${parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.AAAA`
}

/** A cluster with one Deployment, which takes what the audit writes. */
async function clusterWith(t: Test, image: string) {
  const things = new FakeThings()
  things.set('/api/v1/namespaces', { metadata: { name: 'shop' } })
  things.set('/apis/apps/v1/deployments', {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
  })
  const stored = new StoredObjects()
  const server = await startApiServer((received, response) =>
    received.url.pathname === '/version'
      ? answer(200, { gitVersion: 'v1.37.2' })(received, response)
      : clusterHandler(received, { things, stored })(received, response),
  )
  t.teardown(() => server.close())
  return server
}

t.test('audit finds out who it is as kubectl does', async t => {
  const registry = await memoryRegistry(t, { repositories: { nginx: tags } })
  const cluster = await clusterWith(t, `${registry.host}/nginx:1.25.1`)
  const audit = async (kubeconfig: string) => {
    cluster.received.length = 0
    const args = [
      'audit',
      '--once',
      '-o',
      'json',
      '--insecure-registry',
      registry.host,
      '--kubeconfig',
      kubeconfig,
    ]
    const { code, stdout, stderr } = await bundle.run(args)
    const asked = cluster.received.filter(({ url }) => url.pathname === '/apis/apps/v1/deployments')
    return { code, stdout, stderr, authorization: asked[0]?.authorization }
  }
  const found = { code: 2, stdout: /"newest":"1\.25\.5"/ }

  t.match(await audit(cluster.kubeconfig(t.testdir())), { ...found, authorization: 'Bearer planted-token' })

  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'of-plugin' },
  }
  const script = `console.log(${JSON.stringify(JSON.stringify(credential))})`
  const exec = {
    apiVersion: credential.apiVersion,
    command: execPath,
    args: ['-e', script],
    interactiveMode: 'Never',
  }
  t.match(await audit(cluster.kubeconfig(t.testdir(), { user: { exec } })), {
    ...found,
    authorization: 'Bearer of-plugin',
  })

  const plain = JSON.parse(readFileSync(cluster.kubeconfig(t.testdir()), 'utf8'))
  const oidc = (token: string): string => {
    const config = {
      'idp-issuer-url': cluster.url,
      'idp-certificate-authority-data': plain.clusters[0].cluster['certificate-authority-data'],
      'client-id': 'patchline',
      'id-token': token,
      'refresh-token': 'refresh',
    }
    return cluster.kubeconfig(t.testdir(), { user: { 'auth-provider': { name: 'oidc', config } } })
  }
  const token = idToken(cluster.url, 3600)
  t.match(await audit(oidc(token)), { ...found, authorization: `Bearer ${token}` })
  // The library (2.0.1) cannot renew one: it gives openid-client a text where that wants a URL.
  t.match(await audit(oidc(idToken(cluster.url, -60))), { code: 1, stderr: /: ERR_INVALID_ARG_TYPE; / })

  const through = (proxyUrl: string): string => {
    plain.clusters[0].cluster['proxy-url'] = proxyUrl
    const path = join(t.testdir(), 'proxied')
    writeFileSync(path, JSON.stringify(plain))
    return path
  }
  const proxy = await proxyServer(t, {
    leadsTo: { host: '127.0.0.1', port: Number(new URL(cluster.url).port) },
  })
  t.match(await audit(through(proxy.origin)), found)
  t.match(proxy.requests[0], /^CONNECT 127\.0\.0\.1:\d+$/)
  t.match(await audit(through('socks5://127.0.0.1:1')), {
    code: 1,
    stderr: /: connect ECONNREFUSED 127\.0\.0\.1:1; /,
  })
})

t.test('the standing audit leads, shows and tells', async t => {
  const registry = await memoryRegistry(t, { repositories: { nginx: tags } })
  const cluster = await clusterWith(t, `${registry.host}/nginx:1.25.1`)
  const slack = await slackServer(t)
  const directory = t.testdir()
  const audit = await startAudit({
    program: bundle.program,
    directory,
    environment: { SLACK_URL: slack.url },
    configuration: `
publicRegistries: false
registries: [{ host: '${registry.host}', insecure: true }]
kubernetes: { kubeconfig: ${cluster.kubeconfig(directory)} }
audit: { cron: '* * * * *', timeZone: Europe/Berlin, reports: false }
notifications:
  channels: [{ name: team, kind: slack, urlFrom: { environment: SLACK_URL }, insecure: true }]
  routes: [{ name: all, channels: [team] }]
`,
  })
  t.teardown(() => audit.kill())
  await until(() => slack.received.length === 1)
  t.match(await audit.drift(), [{ verdict: 'outdated', newest: '1.25.5' }])
  t.ok((await audit.metrics()).size > 0)
  t.equal(await audit.stop(), 0)
})

t.test('notify sends by Slack and by e-mail', async t => {
  const slack = await slackServer(t)
  const mail = await smtpServer(t, { security: 'none' })
  const path = join(t.testdir(), 'patchline.yaml')
  writeFileSync(
    path,
    `
notifications:
  channels:
  - { name: ops, kind: slack, urlFrom: { environment: SLACK_URL }, insecure: true }
  - { name: mail, kind: email, host: 127.0.0.1, port: ${mail.port}, security: none, from: p@acme.test, to: [ops@acme.test] }
`,
  )
  const notify = (channel: string) =>
    bundle.run(['notify', '--test', channel, '--config', path], { SLACK_URL: slack.url })
  t.match(await notify('ops'), { code: 0, stdout: /^ops: delivered/, stderr: '' })
  t.match(await notify('mail'), { code: 0, stdout: /^mail: delivered/, stderr: '' })
  t.equal(slack.received.length, 1)
  t.equal(mail.mails.length, 1)
})
