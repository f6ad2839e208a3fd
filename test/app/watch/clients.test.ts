import { writeFileSync } from 'node:fs'
import { request, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { createAuthority, issueCertificate } from '../../cluster/certificates.ts'
import { composeWatch } from '../../../src/app/watch/watch.ts'
import { readConfig } from '../../../src/config/index.ts'
import { answer, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { startWatch } from './watch-fixture.ts'

const repositories = { 'library/nginx': ['1.25.1', '1.25.5'] }
const image = '/images/nginx/1.25.1'
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const reader = 'r'.repeat(32)
const environment = { READER: reader }
const tokens = 'tokens: [{ name: ci, tokenFrom: { environment: READER } }]'
const api = (more: string) => `api: { address: 127.0.0.1, port: 0, ${more} }`

t.test('only who has a token reads', async t => {
  const { get } = await startWatch(t, {
    repositories,
    environment,
    yaml: api(`authentication: tokens, ${tokens}`),
  })
  for (const path of [image, '/image/nginx/1.25.1']) {
    const none = await get(path)
    t.match(none, {
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { title: 'A token is needed' },
    })
    t.match(none.headers['content-type'], /^application\/problem\+json/)
    t.equal((await get(path, bearer('x'.repeat(32)))).status, 401)
    t.equal((await get(path, bearer(`${reader}x`))).status, 401)
    t.equal((await get(path, bearer(reader))).status, 200)
  }
  t.equal((await get('/verdicts', { method: 'POST' })).status, 401, 'before the body is looked at')
  t.equal((await get('/health')).status, 200, 'probes need none')
})

t.test('whom the API server lets read', async t => {
  const asked: unknown[] = []
  const server = await startApiServer((received, response) => {
    asked.push(JSON.parse(received.body).spec)
    const status = received.url.pathname.endsWith('tokenreviews')
      ? { authenticated: received.body.includes('good'), user: { username: 'ci' } }
      : { allowed: true }
    answer(201, { status })(received, response)
  })
  t.teardown(() => server.close())
  const { get } = await startWatch(t, {
    repositories,
    yaml: `${api('authentication: kubernetes')}\nkubernetes: { kubeconfig: ${server.kubeconfig(t.testdir())} }`,
  })
  t.equal((await get(image, bearer('good'))).status, 200)
  t.equal((await get(image, bearer('bad'))).status, 401)
  t.match(asked.at(1), { nonResourceAttributes: { path: '/patchline/images/*', verb: 'get' } })
})

t.test('each client has its own rate', async t => {
  const { get } = await startWatch(t, {
    repositories,
    environment,
    yaml: api(`authentication: tokens, ${tokens}, requestsPerMinute: 3`),
  })
  const statuses = async (options?: ReturnType<typeof bearer>) => {
    const all: number[] = []
    for (let at = 0; at < 4; at++) all.push((await get(image, options)).status)
    return all
  }
  t.strictSame(await statuses(bearer(reader)), [200, 200, 200, 429])
  const limited = await get(image, bearer(reader))
  t.match(limited, { status: 429, body: { title: 'Too many requests', detail: /3 requests a minute/ } })
  const wait = Number(limited.headers['retry-after'])
  t.ok(wait >= 1 && wait <= 20, `wait ${wait} s`)
  t.strictSame(await statuses(), [401, 401, 401, 429], 'that of its address')
})

t.test('client certificates in place of tokens', async t => {
  const directory = t.testdir()
  const authority = createAuthority('gatekeeper-ca')
  const stranger = createAuthority('another-ca')
  const serving = issueCertificate(authority, { commonName: 'localhost', hosts: ['127.0.0.1'] })
  for (const [name, text] of [
    ['tls.crt', serving.certificate],
    ['tls.key', serving.privateKey],
    ['ca.crt', authority.certificate],
  ] as const)
    writeFileSync(join(directory, name), text)
  const text = `
api:
  { address: 127.0.0.1, port: 0, certificateFile: tls.crt, keyFile: tls.key, clientCaFile: ca.crt, clientNames: [gatekeeper] }
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
log: { level: error }
`
  const running = await composeWatch(
    readConfig(text, { environment: {}, baseDirectory: directory, readFile: () => '' }),
  )
  t.teardown(() => running.close())
  const status = (pair: RequestOptions) =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: running.apiPort,
        path: '/images/quay.io/a/b/1.0',
        agent: false,
      }
      request({ ...options, ca: authority.certificate, ...pair }, response => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  const of = (from: typeof authority, commonName: string) => {
    const { certificate: cert, privateKey: key } = issueCertificate(from, { commonName, hosts: [] })
    return { cert, key }
  }
  t.equal(await status(of(authority, 'gatekeeper')), 403, 'it may ask, and the registry is not allowed')
  t.equal(await status(of(authority, 'other')), 401)
  t.equal(await status(of(stranger, 'gatekeeper')), 401)
  t.equal(await status({}), 401)
})
