import { gzipSync } from 'node:zlib'

import t from 'tap'

import { DnsError } from '../../../src/egress/dns-cache.ts'
import {
  outcomeOf,
  requestTo,
  testRegistry,
  testServer,
  testTransport,
} from '../../support/network/egress-fixture.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'

const later = 'it is asked again later'
const check = 'check that this is an OCI registry and that no proxy changes its answers'
const never = new AbortController().signal
const tls = selfSigned({ addresses: ['127.0.0.1'], names: ['localhost'] })

// Everything that has ever told a server who asks.
const telling = {
  'private-token': 'pr1vate',
  cookie: 'id=1',
  'x-registry-auth': 'eyJ9',
  'x-amz-security-token': 'amz',
  'if-none-match': '"etag-of-this-client"',
}

t.test('a registry of ours gets what we mean for it', async t => {
  const server = await testServer(t)
  const registry = testRegistry({ host: server.host, insecure: true })
  const transport = testTransport(t)
  const more = { headers: { 'X-Custom': 'a', accept: 'text/a' }, authorization: 'Bearer t' }
  await transport.send(requestTo(registry, '/v2/x?y=z', more), never)
  await transport.send(
    requestTo(registry, '/token', { method: 'POST', body: 'a=b', headers: { 'content-type': 'text/x' } }),
    never,
  )
  await transport.send(requestTo(registry, '/v2/', { method: 'HEAD' }), never)
  const always = {
    host: server.host,
    connection: 'keep-alive',
    'accept-encoding': 'identity',
    'user-agent': 'patchline/test',
  }
  t.strictSame(
    server.requests.map(({ method, path, headers }) => ({ method, path, headers: { ...headers } })),
    [
      {
        method: 'GET',
        path: '/v2/x?y=z',
        headers: { ...always, 'x-custom': 'a', accept: 'text/a', authorization: 'Bearer t' },
      },
      {
        method: 'POST',
        path: '/token',
        headers: { ...always, accept: 'application/json', 'content-type': 'text/x', 'content-length': '3' },
      },
      {
        method: 'HEAD',
        path: '/v2/',
        headers: { ...always, accept: 'application/json' },
      },
    ],
  )
})

t.test('any other host gets nothing by which it could know us', async t => {
  const other = await testServer(t, { tls })
  const port = other.host.split(':')[1] ?? ''
  const registry = testRegistry({ host: 'r.example', ca: tls.cert, redirectSuffix: `host:${port}` })
  const named = testRegistry({ host: other.host, ca: tls.cert })
  const transport = testTransport(t)
  const more = { headers: telling, authorization: 'Basic s3cret' }
  const rows = [
    requestTo(registry, `https://localhost:${port}/by-suffix`, more), // the transport itself sees that it is not r.example
    requestTo(named, '/another-registry', { ...more, foreign: true }),
  ]
  for (const request of rows) await transport.send(request, never)
  for (const { headers } of other.requests)
    t.strictSame(Object.keys(headers).toSorted(), ['accept', 'accept-encoding', 'connection', 'host'])
  t.equal(other.requests.length, 2)
})

t.test('its own API and its token server are no strangers', async t => {
  const server = await testServer(t)
  const port = server.host.split(':')[1] ?? ''
  const settings = { host: 'r.example', insecure: true, kind: 'gitlab' } as const
  const rows = [
    testRegistry({ ...settings, tokenHost: server.host }),
    testRegistry({ ...settings, apiUrl: `http://127.0.0.1:${port}` }),
  ]
  const transport = testTransport(t)
  for (const registry of rows)
    await transport.send(requestTo(registry, `${server.origin}/x`, { authorization: 'Basic x' }), never)
  for (const { headers } of server.requests) t.equal(headers.authorization, 'Basic x')
  t.equal(server.requests.length, 2)
})

t.test('what is too long, too slow or not asked for', async t => {
  const rows = [
    [{ body: 'x'.repeat(10_000) }, '200'],
    [{ body: 'x'.repeat(10_001) }, `invalid-answer: its answer is larger than 10000 bytes; ${check}`],
    [
      { body: 'x'.repeat(100), pace: 'endless' },
      `invalid-answer: its answer is larger than 10000 bytes; ${check}`,
    ],
    [
      { headers: { 'content-length': '10001' }, pace: 'stalled' },
      `invalid-answer: its answer is larger than 10000 bytes; ${check}`,
    ],
    [{ status: 500, body: 'x'.repeat(100), pace: 'endless' }, '500'],
    [
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(1e6)) },
      `invalid-answer: its answer is compressed although that was not asked for; ${check}`,
    ],
    [{ headers: { 'content-encoding': 'Identity' } }, '200'],
    [{ headers: { 'x-long': 'x'.repeat(20_000) } }, `invalid-answer: its headers are too long; ${check}`],
    [
      { headers: Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`x-${at}`, '1234567'])) },
      `invalid-answer: its headers are too long; ${check}`,
    ],
    [{ pace: 'never' }, `unavailable: it does not begin to answer in time; ${later}`],
    [{ pace: 'stalled' }, `unavailable: it stopped in the middle of an answer; ${later}`],
    [{ pace: 'cut' }, `unavailable: it closed the connection; ${later}`],
    [
      { pace: 'drip', body: 'x'.repeat(10_000) },
      `unavailable: it did not answer in full within 2 s; ${later}`,
    ],
  ] as const
  const limits = { headersTimeout: 500, idleTimeout: 500, requestTimeout: 2_000 }
  for (const [answer, outcome] of rows) {
    const server = await testServer(t)
    server.misbehave(() => answer)
    const registry = testRegistry({ host: server.host, insecure: true })
    t.equal(
      await outcomeOf(testTransport(t, { limits }), requestTo(registry)),
      outcome,
      JSON.stringify(answer).slice(0, 80),
    )
  }
})

t.test('many HEADs, one after the other, take two connections at the most', async t => {
  const server = await testServer(t)
  const registry = testRegistry({ host: server.host, insecure: true })
  const transport = testTransport(t)
  for (let count = 0; count < 10; count++)
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
    await transport.send(requestTo(registry, '/v2/', { method: 'HEAD' }), never)
  // While one connection is looked at before it is taken up again, the other one is taken.
  t.ok(server.connections() <= 2, String(server.connections()))
})

t.test('of a HEAD nothing is read, whatever its headers say', async t => {
  const server = await testServer(t)
  server.misbehave(() => ({
    headers: { 'content-encoding': 'gzip', 'docker-content-digest': 'sha256:0' },
    body: 'x',
  }))
  const registry = testRegistry({ host: server.host, insecure: true })
  const answer = await testTransport(t).send(requestTo(registry, '/v2/', { method: 'HEAD' }), never)
  t.equal(answer.status, 200)
  t.equal(answer.headers['docker-content-digest'], 'sha256:0')
  t.equal(answer.body.length, 0)
})

t.test('an aborted request gives the reason', async t => {
  const server = await testServer(t)
  server.misbehave(() => ({ pace: 'never' }))
  const registry = testRegistry({ host: server.host, insecure: true })
  const controller = new AbortController()
  const sent = testTransport(t).send(requestTo(registry), controller.signal)
  while (server.requests.length === 0) await new Promise(setImmediate)
  controller.abort(new Error('enough'))
  await t.rejects(sent, { message: 'enough' })
})

t.test('registries of one host with other authorities share no connection', async t => {
  const server = await testServer(t, { tls })
  const transport = testTransport(t)
  t.equal(await outcomeOf(transport, requestTo(testRegistry({ host: server.host, ca: tls.cert }))), '200')
  t.match(await outcomeOf(transport, requestTo(testRegistry({ host: server.host }))), /self-signed/)
})

t.test('only a name that a person has named is looked for in the domains of the cluster', async t => {
  const asked: string[] = []
  const resolver = {
    resolve(hostname: string, { search }: { readonly search: boolean }): Promise<readonly string[]> {
      asked.push(`${hostname} ${search}`)
      return Promise.reject(new DnsError('ERR_NAME_NOT_FOUND', hostname, 'not in DNS'))
    },
    close: () => undefined,
  }
  const transport = testTransport(t, { resolver })
  for (const addresses of ['named', 'public'] as const)
    t.match(
      await outcomeOf(transport, requestTo(testRegistry({ host: `${addresses}.example`, addresses }))),
      /^unavailable: its name is not in DNS/,
    )
  t.same(asked, ['named.example true', 'public.example false'])
})

t.test('settings that cannot be read', t => {
  t.throws(() => testTransport(t, { egress: { allowedRanges: ['10.0.0.0/8', '10.0.0.0/40'] } }), {
    code: 'invalid-egress-settings',
    message:
      'egress.allowedRanges: "10.0.0.0/40" is not an address range like 10.20.0.0/16 or fd12:3456::/32',
  })
  t.end()
})
