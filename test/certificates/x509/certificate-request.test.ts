import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, assert, nat, property, record, uint8Array } from 'fast-check'
import t, { type Test } from 'tap'
import { CertificateError } from '../../../src/certificates/index.ts'
import { MalformedDerError, readDer } from '../../../src/certificates/x509/der.ts'
import { readCertificateRequest } from '../../../src/certificates/x509/read-request.ts'
import { writeCertificateRequest } from '../../../src/certificates/x509/write-request.ts'

const names = ['patchline.patchline-system.svc', 'patchline.patchline-system.svc.cluster.local']
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const own = writeCertificateRequest({ ...keys, names })

/** Why a request is not signed; undefined where it is. */
function refusal(pem: string): string | undefined {
  try {
    readCertificateRequest(pem)
    return undefined
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return `${error.code}: ${error.message}`
  }
}

const because = (why: string): string => `invalid-request: the request cannot be signed: ${why}`

t.test('what is written is read, by openssl too', t => {
  const { publicKey, names: read } = readCertificateRequest(own)
  t.strictSame(read, names)
  t.ok(publicKey.equals(keys.publicKey))
  const text = execFileSync('openssl', ['req', '-text', '-noout', '-verify'], {
    input: own,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  t.match(text, 'Subject: CN = patchline')
  t.match(text, `DNS:${names.join(', DNS:')}`)
  t.match(text, 'ecdsa-with-SHA256')
  t.end()
})

/** A request that openssl makes. */
function openssl(
  t: Test,
  {
    key = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    extensions = '',
    options = [],
  }: OpensslRequest,
): string {
  const folder = t.testdir()
  const file = (name: string): string => join(folder, name)
  execFileSync('openssl', ['genpkey', ...key, '-out', file('key')], { stdio: 'ignore' })
  writeFileSync(
    file('config'),
    `[req]\nprompt = no\ndistinguished_name = dn\n${extensions === '' ? '' : 'req_extensions = ext\n'}[dn]\nCN = any\n[ext]\n${extensions}`,
  )
  const args = [
    'req',
    '-new',
    '-key',
    file('key'),
    '-config',
    file('config'),
    '-out',
    file('csr'),
    ...options,
  ]
  execFileSync('openssl', args, { stdio: 'ignore' })
  return readFileSync(file('csr'), 'utf8')
}

interface OpensslRequest {
  readonly key?: readonly string[]
  readonly extensions?: string
  readonly options?: readonly string[]
}

const wanted = `subjectAltName = ${names.map(name => `DNS:${name}`).join(',')}`
const rows: readonly (readonly [what: string, request: OpensslRequest, why: string | undefined])[] = [
  ['one like ours', { extensions: wanted }, undefined],
  ['critical names', { extensions: wanted.replace('= ', '= critical,') }, undefined],
  ['no names', {}, 'it does not have the parts of a request'],
  [
    'an authority',
    { extensions: `${wanted}\nbasicConstraints = CA:TRUE` },
    'it does not have the parts of a request',
  ],
  [
    'another extension alone',
    { extensions: 'basicConstraints = CA:TRUE' },
    'it asks for more than DNS names',
  ],
  ['an address', { extensions: `${wanted},IP:127.0.0.1` }, 'it asks for a name that is no DNS name'],
  ['a URI', { extensions: 'subjectAltName = URI:https://a.b' }, 'it asks for a name that is no DNS name'],
  ['a wildcard', { extensions: 'subjectAltName = DNS:*.svc' }, 'it asks for a name that is no DNS name'],
  [
    'capitals',
    { extensions: 'subjectAltName = DNS:Patchline.svc' },
    'it asks for a name that is no DNS name',
  ],
  [
    'RSA',
    { extensions: wanted, key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] },
    'it is not signed by ECDSA with SHA-256',
  ],
  [
    'Ed25519',
    { extensions: wanted, key: ['-algorithm', 'ED25519'] },
    'it is not signed by ECDSA with SHA-256',
  ],
  [
    'another curve',
    { extensions: wanted, key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'] },
    'its key is not one of the curve P-256',
  ],
  ['another hash', { extensions: wanted, options: ['-sha512'] }, 'it is not signed by ECDSA with SHA-256'],
]

for (const [what, request, why] of rows)
  t.test(`a request of openssl: ${what}`, t => {
    t.equal(refusal(openssl(t, request)), why && because(why))
    t.end()
  })

const bytes = Buffer.from(own.replace(/-----[^-]+-----|\n/g, ''), 'base64')
const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`

t.test('no other PEM is read, and none that is large', t => {
  const notOne = because('it is not one PEM block of a request')
  for (const text of [
    '',
    'x',
    own + own,
    own.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'),
    `a\n${own}`,
    'x'.repeat(1_000_000),
  ])
    t.equal(refusal(text), notOne, text.slice(0, 20))
  t.equal(refusal(pemOf(Buffer.alloc(4097, 0x30))), because('it has more than 4096 bytes'))
  t.end()
})

t.test('bytes that are not DER', t => {
  const der: readonly (readonly [hex: string, why: string])[] = [
    ['30', 'a tag that is not read'],
    ['1f8100', 'a tag that is not read'],
    ['3005', 'a value that is longer than its bytes'],
    ['3080', 'a length that is not read'],
    ['308300ffff', 'a length that is not read'],
    ['3081', 'a length that is not read'],
    ['308105', 'a length that is not the shortest'],
    ['30820080', 'a length that is not the shortest'],
  ]
  for (const [hex, why] of der) {
    t.throws(() => readDer(Buffer.from(hex, 'hex')), new MalformedDerError(why), hex)
    t.equal(refusal(pemOf(Buffer.from(hex, 'hex'))), because(`it holds ${why}`), hex)
  }
  t.end()
})

t.test('however it is changed, it is read as what it was or refused', t => {
  const change = array(record({ at: nat(bytes.length - 1), to: nat(255) }), {
    minLength: 1,
    maxLength: 3,
  })
  assert(
    property(change, changes => {
      const changed = Buffer.from(bytes)
      for (const { at, to } of changes) changed[at] = to
      if (changed.equals(bytes)) return
      // The signature stands for all of it, and there are two signatures for each: s and n - s.
      if (refusal(pemOf(changed)) === undefined) throw new Error(changed.toString('hex'))
    }),
    { numRuns: 3_000 },
  )
  assert(property(nat(bytes.length - 1), length => refusal(pemOf(bytes.subarray(0, length))) !== undefined))
  assert(
    property(uint8Array({ maxLength: 600 }), random => refusal(pemOf(Buffer.from(random))) !== undefined),
    { numRuns: 3_000 },
  )
  t.end()
})
