import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { createAuthority } from '../../../src/certificates/authority/authority.ts'
import type { SigningRequest } from '../../../src/certificates/authority/sign-request.ts'
import { createLeafRequest, readLeaf, reviewRequest, signRequest } from '../../../src/certificates/index.ts'

const second = 1_000
const now = Math.floor(Date.now() / second) * second
const names = ['patchline.patchline-system.svc', 'patchline.patchline-system.svc.cluster.local']
const policy = { username: 'system:serviceaccount:patchline-system:patchline', names }
const timing = { authority: 3_600 * second, leaf: 600 * second, backdating: 60 * second }
const authority = await createAuthority(now, timing)
const { key, request } = await createLeafRequest(names)
const asked: SigningRequest = {
  username: policy.username,
  usages: ['server auth', 'digital signature'],
  request,
  createdAt: now,
  lifetime: undefined,
}

t.test('what is approved and what is denied', async t => {
  const { request: otherNames } = await createLeafRequest(['kubernetes.default.svc'])
  const { request: moreNames } = await createLeafRequest([...names, 'kubernetes.default.svc'])
  const { request: oneName } = await createLeafRequest([names[0] ?? ''])
  const twice = `the names must be ${names.join(' and ')}, and no others`
  const usages = 'the usages must be digital signature and server auth, and no others'
  const rows: readonly (readonly [
    what: string,
    changes: object,
    reason: string | undefined,
    message?: string,
  ])[] = [
    ['ours', {}, undefined],
    [
      'another user',
      { username: 'mallory' },
      'OtherRequester',
      `only ${policy.username} gets certificates of this signer`,
    ],
    ['another account of the namespace', { username: `${policy.username}-audit` }, 'OtherRequester'],
    [
      'for clients too',
      { usages: ['digital signature', 'server auth', 'client auth'] },
      'OtherUsages',
      usages,
    ],
    ['for nothing', { usages: [] }, 'OtherUsages', usages],
    ['for one thing twice', { usages: ['server auth', 'server auth'] }, 'OtherUsages', usages],
    ['other names', { request: otherNames }, 'OtherNames', twice],
    ['more names', { request: moreNames }, 'OtherNames', twice],
    ['fewer names', { request: oneName }, 'OtherNames', twice],
    [
      'junk',
      { request: 'junk' },
      'InvalidRequest',
      'the request cannot be signed: it is not one PEM block of a request',
    ],
  ]
  for (const [what, changes, reason, message] of rows) {
    const review = reviewRequest({ ...asked, ...changes }, policy)
    t.match(review, reason === undefined ? { outcome: 'approved' } : { outcome: 'denied', reason }, what)
    if (message !== undefined) t.match(review, { message }, what)
  }
})

const sign = async (changes: Partial<SigningRequest>, at = now): Promise<string> => {
  const review = reviewRequest(asked, policy)
  if (review.outcome !== 'approved') throw new Error(review.message)
  const signature = { authority, publicKey: review.publicKey, names, request: { ...asked, ...changes } }
  return signRequest(signature, at, timing)
}

t.test('what is signed', async t => {
  const certificate = new X509Certificate(await sign({}))
  t.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
  t.equal(certificate.issuer, `CN=${authority.name}`)
  t.equal(certificate.subject, 'CN=patchline')
  t.equal(certificate.subjectAltName, names.map(name => `DNS:${name}`).join(', '))
  t.equal(certificate.ca, false)
  t.strictSame(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  t.equal(Date.parse(certificate.validFrom), now - 60 * second)
  t.equal(Date.parse(certificate.validTo), now + 600 * second)
  t.match(certificate.serialNumber, /^[0-7]/)
})

t.test('how long it lasts', async t => {
  const ends = async (changes: Parameters<typeof sign>[0], at = now): Promise<number> =>
    (Date.parse(new X509Certificate(await sign(changes, at)).validTo) - at) / second
  t.equal(await ends({ lifetime: 100 * second }), 100, 'no longer than it was asked for')
  t.equal(await ends({ lifetime: 10_000 * second }), 600, 'nor than the signer gives')
  t.equal(await ends({}, now + 3_500 * second), 100, 'nor than its authority')
  const late = new X509Certificate(await sign({ createdAt: now - 86_400 * second }))
  t.equal(Date.parse(late.validFrom), now - 86_460 * second, 'valid by the clock of the API server too')
})

t.test('the replica takes what is for its key and its names, now', async t => {
  const certificate = await sign({})
  const leaf = readLeaf(certificate, { key, names }, now)
  t.match(leaf, { certificate, key, expiresAt: now + 600 * second, renewAt: now + 400 * second })
  const other = await createLeafRequest(names)
  const rows: readonly (readonly [what: string, read: () => unknown, message: string])[] = [
    [
      'another key',
      () => readLeaf(certificate, { key: other.key, names }, now),
      'the key of the request: not the key of the issued certificate',
    ],
    [
      'another name',
      () => readLeaf(certificate, { key, names: ['a.svc'] }, now),
      'the issued certificate is not for a.svc',
    ],
    [
      'later',
      () => readLeaf(certificate, { key, names }, now + 600 * second),
      `the issued certificate: expired at ${new Date(now + 600 * second).toISOString()}`,
    ],
    ['junk', () => readLeaf('junk', { key, names }, now), 'the issued certificate: not a PEM certificate'],
  ]
  for (const [what, read, message] of rows) t.throws(read, { name: 'CertificateError', message }, what)
})
