import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { CertificateError, createCertificates } from '../../../src/certificates/index.ts'
import { readServingPair } from '../../../src/certificates/files/serving-pair.ts'

const day = 86_400_000
const now = Date.now()
const { ca, serving } = await createCertificates({ hosts: ['a.svc'], now, servingDays: 30 })
const other = await createCertificates({ hosts: ['a.svc'], now })
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'planted-secret' },
})

t.test('a pair that matches is read, a chain after it included', async t => {
  const certificate = serving.certificate + ca.certificate
  const folder = t.testdir({ 'tls.crt': certificate, 'tls.key': serving.key })
  const pair = await readServingPair(
    { certificateFile: `${folder}/tls.crt`, keyFile: `${folder}/tls.key` },
    now,
  )
  t.strictSame(pair, {
    certificate,
    key: serving.key,
    expiresAt: Math.floor((now + 30 * day) / 1000) * 1000,
  })
})

t.test('what cannot be served is refused by file and reason', async t => {
  const table = [
    [{ 'tls.key': serving.key }, now, 'missing', /tls\.crt: no such file$/],
    [{ 'tls.crt': serving.certificate }, now, 'missing', /tls\.key: no such file$/],
    [{ 'tls.crt': {}, 'tls.key': serving.key }, now, 'unreadable', /tls\.crt: EISDIR/],
    [
      { 'tls.crt': 'x'.repeat(1_048_577), 'tls.key': '' },
      now,
      'too-large',
      /tls\.crt: more than 1048576 bytes$/,
    ],
    [
      { 'tls.crt': 'x'.repeat(1_048_576), 'tls.key': '' },
      now,
      'invalid-certificate',
      /not a PEM certificate$/,
    ],
    [
      { 'tls.crt': '', 'tls.key': serving.key },
      now,
      'invalid-certificate',
      /tls\.crt: not a PEM certificate$/,
    ],
    [
      { 'tls.crt': serving.key, 'tls.key': serving.key },
      now,
      'invalid-certificate',
      /not a PEM certificate$/,
    ],
    [
      { 'tls.crt': serving.certificate, 'tls.key': 'junk' },
      now,
      'invalid-key',
      /tls\.key: not a PEM private key/,
    ],
    [
      { 'tls.crt': serving.certificate, 'tls.key': rsa.privateKey },
      now,
      'invalid-key',
      /tls\.key: not a PEM private key without a passphrase$/,
    ],
    [
      { 'tls.crt': serving.certificate, 'tls.key': other.serving.key },
      now,
      'mismatch',
      /tls\.key: not the key of .*tls\.crt$/,
    ],
    [
      { 'tls.crt': `${serving.certificate}${ca.certificate.replace('MII', 'QQQ')}`, 'tls.key': serving.key },
      now,
      'invalid-certificate',
      /tls\.crt: TLS refuses it \(/,
    ],
    [
      { 'tls.crt': serving.certificate, 'tls.key': serving.key },
      now + 31 * day,
      'expired',
      /tls\.crt: expired at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/,
    ],
    [
      { 'tls.crt': serving.certificate, 'tls.key': serving.key },
      now - day,
      'not-yet-valid',
      /tls\.crt: not valid before \d{4}-\d\d-\d\dT/,
    ],
  ] as const
  for (const [files, instant, code, message] of table) {
    await t.test(code, async t => {
      const folder = t.testdir(files)
      const paths = { certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
      const error: unknown = await readServingPair(paths, instant).catch((thrown: unknown) => thrown)
      t.ok(error instanceof CertificateError)
      t.match(error, { code, message })
      t.notMatch(String(error), /planted-secret|PRIVATE KEY-----/)
    })
  }
})
