import { createServer, type Socket } from 'node:net'
import tls from 'node:tls'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

import t from 'tap'
import type { Test } from 'tap'

import type { RegistrySettings } from '../../../src/registry/settings/settings.ts'
import {
  outcomeOf,
  requestTo,
  testRegistry,
  testServer,
  testTransport,
} from '../../support/network/egress-fixture.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'

const good = selfSigned({ addresses: ['127.0.0.1'], names: ['localhost'] })
const otherName = selfSigned({ addresses: ['127.0.0.2'], names: ['other.example'] })
const expired = selfSigned({ from: -3, to: -1 })
const future = selfSigned({ from: 1, to: 2 })
const authority = 'give the authority that signed it as caFile under registries, if you trust it'
const checkTls = 'check that this port speaks TLS and that no firewall or proxy blocks the handshake'

async function ask(
  t: Test,
  settings: RegistrySettings,
  limits: { readonly connectTimeout?: number } = {},
): Promise<string> {
  return outcomeOf(testTransport(t, { limits }), requestTo(testRegistry(settings)))
}

t.test('a certificate that cannot be believed is told as what it is', async t => {
  const rows = [
    ['self-signed', good, {}, `its certificate is self-signed; ${authority}`],
    ['of another authority', good, { ca: otherName.cert }, `its certificate is self-signed; ${authority}`],
    [
      'for another name',
      otherName,
      { ca: otherName.cert },
      'its certificate is for another name; check the host or the certificate',
    ],
    ['expired', expired, { ca: expired.cert }, 'its certificate has expired; renew it, and check the clocks'],
    ['not yet', future, { ca: future.cert }, 'its certificate is not valid yet; check the clocks'],
  ] as const
  for (const [name, tls, settings, message] of rows) {
    const server = await testServer(t, { tls })
    t.equal(await ask(t, { host: server.host, ...settings }), `unavailable: ${message}`, name)
    t.equal(server.requests.length, 0)
  }
})

t.test('an authority of one’s own, by address and by name', async t => {
  const server = await testServer(t, { tls: good })
  const port = server.host.split(':')[1] ?? ''
  t.equal(await ask(t, { host: server.host, ca: good.cert }), '200')
  t.equal(await ask(t, { host: `localhost:${port}`, ca: good.cert }), '200')
})

t.test('a session is gone on with, and a certificate is not believed for it elsewhere', async t => {
  const server = await testServer(t, { tls: good })
  const transport = testTransport(t)
  const registry = testRegistry({ host: server.host, ca: good.cert })
  for (let at = 0; at < 3; at++)
    t.equal(await outcomeOf(transport, requestTo(registry, '/v2/', { method: 'HEAD' })), '200')
  const stranger = testRegistry({ host: server.host })
  t.match(await outcomeOf(transport, requestTo(stranger)), 'its certificate is self-signed')
})

t.test('plain HTTP only where it is said', async t => {
  const plain = await testServer(t)
  t.equal(
    await ask(t, { host: plain.host }),
    'unavailable: no TLS connection could be made; if it speaks plain HTTP, say insecure: true under registries',
  )
  t.equal(await ask(t, { host: plain.host, insecure: true }), '200')
  const secure = await testServer(t, { tls: good })
  t.match(await ask(t, { host: secure.host, insecure: true }), /^unavailable: it closed the connection/)
  const tls = { host: secure.host, insecure: true, endpoint: secure.origin }
  t.match(await ask(t, tls), /its certificate is self-signed/, 'insecure does not turn the checks off')
})

t.test('nobody there', async t => {
  const server = await testServer(t)
  await server.close()
  const message = 'unavailable: it refuses connections; check the host and that this process may reach it'
  for (const insecure of [true, false]) t.equal(await ask(t, { host: server.host, insecure }), message)
})

async function listening(t: Test, server: ReturnType<typeof createServer>): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const address = server.address()
  return `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
}

t.test('a handshake that is never answered, and one that is cut', async t => {
  const stalled = await listening(t, createServer())
  t.equal(
    await ask(t, { host: stalled }, { connectTimeout: 50 }),
    `unavailable: it does not finish the TLS handshake in time; ${checkTls}`,
  )
  const closes = `unavailable: it closes the connection in the TLS handshake; ${checkTls}; if it speaks plain HTTP, say insecure: true under registries`
  const ending = createServer(socket => socket.once('data', () => socket.end()))
  t.equal(await ask(t, { host: await listening(t, ending) }), closes)
  const resetting = createServer(socket => socket.once('data', () => socket.resetAndDestroy()))
  t.equal(await ask(t, { host: await listening(t, resetting) }), closes)
})

async function tlsServer(t: Test, options: TlsOptions): Promise<string> {
  const server = createTlsServer({ ...good, ...options }, socket => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  })
  server.on('tlsClientError', () => undefined)
  return listening(t, server)
}

t.test('versions of TLS', async t => {
  const old = { ciphers: 'DEFAULT:@SECLEVEL=0' }
  // As a process might be started that has to talk to something old elsewhere.
  const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls
  tls.DEFAULT_MIN_VERSION = 'TLSv1'
  tls.DEFAULT_CIPHERS = old.ciphers
  t.teardown(() => Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS }))
  const tooOld = 'unavailable: it speaks no TLS newer than 1.1; update it: older versions of TLS are not safe'
  const rows = [
    [{ ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1' }, tooOld],
    [{ ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, tooOld],
    [{ maxVersion: 'TLSv1.2' }, '200'],
    [{ minVersion: 'TLSv1.3' }, '200'],
  ] as const
  for (const [options, outcome] of rows)
    t.equal(
      await ask(t, { host: await tlsServer(t, options), ca: good.cert }),
      outcome,
      JSON.stringify(options),
    )
})

t.test('a server that wants a client certificate', async t => {
  const version = 'TLSv1.2' // in 1.3 it says so after the handshake, while it closes the connection
  const host = await tlsServer(t, { requestCert: true, minVersion: version, maxVersion: version })
  const code = 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'
  const next = 'check its TLS settings, and that it does not want a client certificate'
  t.equal(
    await ask(t, { host, ca: good.cert }),
    `unavailable: it refuses the TLS connection (${code}); ${next}`,
  )
})

t.test('an environment that turns the checks off does not', async t => {
  const server = await testServer(t, { tls: good })
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
  t.match(await ask(t, { host: server.host }), /its certificate is self-signed/)
})
