import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { createAuthority } from '../../../src/certificates/authority/authority.ts'
import { readAuthorities, writeAuthorities } from '../../../src/certificates/authority/stored-authorities.ts'

const now = Date.UTC(2026, 10, 29)
const timing = { authority: 86_400_000, backdating: 0 }
const [one, other] = [await createAuthority(now, timing), await createAuthority(now, timing)]
const foreign = await createCertificates({ hosts: ['a.svc'], now })

const pair = { 'ca.crt': one.certificate, 'ca.key': one.key }
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey

type Data = Readonly<Record<string, string>>
const broken: readonly (readonly [what: string, data: Data, why: string])[] = [
  ['a key alone', { 'ca.key': one.key }, 'ca.crt is missing'],
  ['a certificate alone', { 'ca.crt': one.certificate }, 'ca.key is missing'],
  [
    'swapped',
    { 'ca.crt': one.key, 'ca.key': one.certificate },
    'ca.crt and ca.key: the certificate cannot be read',
  ],
  [
    'the key of another',
    { ...pair, 'ca.key': other.key },
    'ca.crt and ca.key: the key is not that of the certificate',
  ],
  [
    'a serving pair',
    { 'ca.crt': foreign.serving.certificate, 'ca.key': foreign.serving.key },
    'ca.crt and ca.key: the certificate is not that of an authority of Patchline',
  ],
  ['text', { ...pair, 'ca.crt': 'hello' }, 'ca.crt and ca.key: the certificate cannot be read'],
  [
    'half a certificate',
    { ...pair, 'ca.crt': one.certificate.slice(0, 200) },
    'ca.crt and ca.key: the certificate cannot be read',
  ],
  ['a key of RSA', { ...pair, 'ca.key': rsa }, 'ca.crt and ca.key: the key is not one of the curve P-256'],
  [
    'no key',
    { ...pair, 'ca.key': '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n' },
    'ca.crt and ca.key: the key is not one of the curve P-256',
  ],
  [
    'too large',
    { ...pair, 'ca.crt': one.certificate.padEnd(10_485_760, '\n') },
    'it has more than 65536 characters',
  ],
  ['half of the next', { ...pair, 'next.crt': other.certificate }, 'next.key is missing'],
  ['previous ones that are no JSON', { ...pair, 'previous.json': '{' }, 'previous.json cannot be read'],
  [
    'previous ones that are none',
    { ...pair, 'previous.json': '[{"certificate":"x","until":"2026-01-01T00:00:00Z"}]' },
    'previous.json cannot be read',
  ],
  [
    'previous ones for ever',
    { ...pair, 'previous.json': JSON.stringify([{ certificate: other.certificate, until: 'never' }]) },
    'previous.json cannot be read',
  ],
  [
    'many previous ones',
    { ...pair, 'previous.json': JSON.stringify(Array.from({ length: 6 }, () => ({}))) },
    'previous.json cannot be read',
  ],
  ['previous ones alone', { 'previous.json': '[]' }, 'ca.crt is missing'],
]

t.test('what can be wrong with the Secret is said, and nothing of a key', t => {
  for (const [what, data, why] of broken) {
    const stored = readAuthorities(data)
    t.match(stored, { kind: 'broken', problem: { code: 'invalid-authority', message: why } }, what)
    if (stored.kind === 'broken') t.equal(stored.problem.message, why)
  }
  t.end()
})

t.test('a Secret without our keys holds none', t => {
  for (const data of [{}, { other: 'x' }, { 'ca.crt': '', 'ca.key': ' \n' }])
    t.strictSame(readAuthorities(data), { kind: 'none' })
  t.end()
})

t.test('what is written is read again', t => {
  const previous = [{ certificate: foreign.ca.certificate, until: now }]
  for (const authorities of [
    { current: one, next: undefined, previous: [] },
    { current: one, next: other, previous },
    { current: undefined, next: other, previous },
  ]) {
    const entries = Object.entries(writeAuthorities(authorities)).flatMap(([key, text]) =>
      text === undefined ? [] : [[key, text] as const],
    )
    t.strictSame(readAuthorities(Object.fromEntries(entries)), { kind: 'usable', authorities })
  }
  t.equal(
    Object.values(writeAuthorities({ current: one, next: undefined, previous: [] })).filter(Boolean).length,
    2,
  )
  t.end()
})

t.test('serials are positive, and names differ', t => {
  t.not(one.name, other.name)
  t.match(one.name, /^patchline-ca-[0-9a-f]{8}$/)
  t.end()
})
