import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type ConnectionOptions } from 'node:tls'
import t from 'tap'
import { createSerial } from '../../../src/certificates/x509/create-certificates.ts'
import { CertificateError, createCertificates } from '../../../src/certificates/index.ts'

const service = 'patchline.patchline-system.svc'
const hosts = [service, `${service}.cluster.local`, '127.0.0.1', '::1', service]
const now = Date.now()
const day = 86_400_000
const second = (instant: number) => Math.floor(instant / 1000) * 1000
const neither = (host: string) => `${JSON.stringify(host)} is neither a DNS name nor an IP address`

t.test('both certificates say what was asked for', async t => {
  const { ca, serving } = await createCertificates({ hosts, now })
  const authority = new X509Certificate(ca.certificate)
  const server = new X509Certificate(serving.certificate)

  t.equal(authority.ca, true)
  t.equal(server.ca, false)
  t.match(authority.subject, /^CN=patchline-ca-[0-9a-f]{8}$/)
  t.equal(server.issuer, authority.subject)
  t.equal(
    server.subjectAltName,
    `DNS:${service}, DNS:${service}.cluster.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1`,
  )
  t.strictSame(server.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'serverAuth only')
  t.equal(Date.parse(authority.validFrom), second(now - 3_600_000))
  t.equal(Date.parse(authority.validTo), second(now + 3650 * day))
  t.equal(Date.parse(server.validTo), second(now + 365 * day))
  t.equal(server.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.ok(server.verify(authority.publicKey))
  t.match(ca.key, /^-----BEGIN PRIVATE KEY-----\n/)
  t.match(serving.key, /^-----BEGIN PRIVATE KEY-----\n/)
  t.not(ca.key, serving.key)
})

t.test('openssl finds nothing against them, under its strict rules', async t => {
  const { ca, serving } = await createCertificates({ hosts, now })
  const folder = t.testdir({ 'ca.pem': ca.certificate, 'server.pem': serving.certificate })
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  const strict = ['verify', '-x509_strict', '-check_ss_sig', '-purpose', 'sslserver', '-CAfile', 'ca.pem']

  t.equal(openssl(...strict, '-verify_hostname', service, 'server.pem'), 'server.pem: OK\n')
  t.equal(openssl(...strict, '-verify_ip', '127.0.0.1', 'server.pem'), 'server.pem: OK\n')
  t.equal(openssl(...strict, '-verify_ip', '::1', 'server.pem'), 'server.pem: OK\n')
  t.throws(() => openssl(...strict, '-verify_hostname', 'other.svc', 'server.pem'))
  const text = openssl('x509', '-in', 'ca.pem', '-noout', '-text')
  t.match(text, /Signature Algorithm: ecdsa-with-SHA256/)
  t.match(text, /Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/)
  t.match(text, /Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/)
  t.match(text, /Subject Key Identifier/)
  t.match(openssl('x509', '-in', 'server.pem', '-noout', '-text'), /Authority Key Identifier/)
})

t.test('a TLS client that trusts only the authority accepts the server by name and by address', async t => {
  const { ca, serving } = await createCertificates({ hosts, now })
  const server = createServer({ cert: serving.certificate, key: serving.key }, socket => socket.end())
  server.on('tlsClientError', () => {})
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const handshake = async (options: ConnectionOptions) => {
    const socket = connect({ host: '127.0.0.1', port, ca: ca.certificate, ...options })
    await once(socket, 'secureConnect')
    const authorized = socket.authorized
    socket.destroy()
    return authorized
  }

  t.equal(await handshake({ servername: service }), true)
  t.equal(await handshake({}), true, 'by 127.0.0.1')
  await t.rejects(handshake({ servername: 'other.svc' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const other = await createCertificates({ hosts, now })
  await t.rejects(handshake({ servername: service, ca: other.ca.certificate }), Error, 'another authority')
  const both = [other.ca.certificate, ca.certificate]
  t.equal(await handshake({ servername: service, ca: both }), true, 'a bundle of both, as in a rotation')
})

t.test('instants from 2050 on are written as GeneralizedTime', async t => {
  const { ca } = await createCertificates({ hosts, now: Date.UTC(2049, 5, 1), caDays: 730, servingDays: 30 })
  t.equal(new X509Certificate(ca.certificate).validTo, 'Jun  1 00:00:00 2051 GMT')
})

t.test('serial numbers are positive and never short', t => {
  const seen = new Set<string>()
  for (let run = 0; run < 20_000; run += 1) {
    const serial = createSerial()
    const first = serial[0] ?? 0
    if (serial.length !== 16 || first < 0x01 || first > 0x7f) t.fail(serial.toString('hex'))
    seen.add(serial.toString('hex'))
  }
  t.equal(seen.size, 20_000)
  t.end()
})

t.test('IP addresses of every spelling become the right bytes', async t => {
  const table = [
    ['::', '0:0:0:0:0:0:0:0'],
    ['2001:db8::', '2001:DB8:0:0:0:0:0:0'],
    ['::ffff:10.0.0.1', '0:0:0:0:0:FFFF:A00:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['fd00:0::a:0:1', 'FD00:0:0:0:0:A:0:1'],
    ['255.255.255.255', '255.255.255.255'],
  ] as const
  const { serving } = await createCertificates({ hosts: table.map(([host]) => host), now })
  t.equal(
    new X509Certificate(serving.certificate).subjectAltName,
    table.map(([, shown]) => `IP Address:${shown}`).join(', '),
  )
})

t.test('what cannot be certified is refused with the value', async t => {
  const table = [
    [{ hosts: [], now }, 'a certificate needs at least one DNS name or IP address'],
    [{ hosts: [''], now }, neither('')],
    [{ hosts: ['-a.svc'], now }, neither('-a.svc')],
    [{ hosts: ['a..svc'], now }, neither('a..svc')],
    [{ hosts: ['*.svc'], now }, neither('*.svc')],
    [{ hosts: ['1.2.3.999'], now }, neither('1.2.3.999')],
    [{ hosts: ['fe80::1%eth0'], now }, neither('fe80::1%eth0')],
    [{ hosts: ['a.svc\n'], now }, neither('a.svc\n')],
    [{ hosts: [`${'a'.repeat(64)}.svc`], now }, neither(`${'a'.repeat(64)}.svc`)],
    [
      { hosts: [Array.from({ length: 127 }, () => 'aa').join('.')], now },
      /^"aa\.aa.*" is neither a DNS name/,
    ],
    [{ hosts: Array.from({ length: 101 }, (_, n) => `h${n}`), now }, '101 hosts are more than 100'],
    [{ hosts, now: Number.NaN }, 'now is not an instant in epoch milliseconds: NaN'],
    [{ hosts, now: 9e15 }, 'now is not an instant in epoch milliseconds: 9000000000000000'],
    [{ hosts, now, caDays: 0 }, 'caDays must be a whole number from 1 to 36500, not 0'],
    [{ hosts, now, caDays: 1.5 }, 'caDays must be a whole number from 1 to 36500, not 1.5'],
    [{ hosts, now, caDays: 30 }, 'servingDays must be a whole number from 1 to 30, not 365'],
  ] as const
  for (const [request, message] of table) {
    const error: unknown = await createCertificates(request).catch((thrown: unknown) => thrown)
    t.ok(error instanceof CertificateError)
    t.match(error, { code: 'invalid-input', message })
  }
})
