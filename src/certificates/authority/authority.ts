import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { CertificateError } from '../x509/certificate-error.ts'
import { createKeys, createSerial, pemOf } from '../x509/create-certificates.ts'

/** An authority that signs serving certificates of the webhook, with its key. Instants in epoch milliseconds. */
export interface Authority {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS#8. */
  readonly key: string
  /** The common name. */
  readonly name: string
  readonly startsAt: number
  readonly expiresAt: number
}

/** How long certificates last, and how long the steps of a rotation take; milliseconds. */
export interface AuthorityTiming {
  readonly authority: number
  readonly leaf: number
  /** How much earlier than now certificates begin, for clocks that run behind. */
  readonly backdating: number
  /** How long API servers take to learn of a bundle: one that watches late reads it some seconds after it was written. */
  readonly propagation: number
  /** Between two looks at what may have changed: the Secrets, the clock. */
  readonly look: number
  /** How long replicas of another source, which do not read the path's Secret, may still run beside those that do. */
  readonly pathTakeover: number
}

const minute = 60_000
const day = 24 * 60 * minute

/** What `serve` goes by. Tests turn whole rotations in seconds. */
export const authorityTiming: AuthorityTiming = {
  authority: 365 * day,
  leaf: 7 * day,
  backdating: 10 * minute,
  propagation: 10_000,
  look: 10_000,
  pathTakeover: 5 * minute,
}

/** Makes an authority that is valid from now (epoch milliseconds) on, ECDSA P-256. */
export async function createAuthority(
  now: number,
  { authority, backdating }: Pick<AuthorityTiming, 'authority' | 'backdating'>,
): Promise<Authority> {
  const { issueCertificate } = await import('../x509/issue-certificate.ts')
  const keys = await createKeys()
  const serial = createSerial()
  // Of each authority another: a bundle holds several, and the API server finds the issuer by its name.
  const name = `${namePrefix}${serial.toString('hex', 0, 4)}`
  const content = { subject: name, publicKey: keys.publicKey, serial, hosts: undefined }
  const validity = { notBefore: now - backdating, notAfter: now + authority }
  const certificate = await issueCertificate({ ...content, ...validity }, { name, ...keys })
  return parseAuthority(certificate, pemOf(keys.privateKey))
}

const namePrefix = 'patchline-ca-'
const subject = /^CN=(patchline-ca-[0-9a-f]{8})$/

/**
 * An authority as it was stored. Whether it is valid now is not looked at.
 * @throws CertificateError `invalid-authority` where its parts do not belong together or were not made by `createAuthority`.
 */
export function parseAuthority(certificate: string, key: string): Authority {
  const parsed = parseCertificate(certificate)
  const name = ownName(parsed)
  // The issuer in a certificate is written as this one name: with any other the API server would not find the authority.
  if (!parsed.ca || name === undefined)
    throw broken('the certificate is not that of an authority of Patchline')
  const privateKey = parseKey(key)
  if (!parsed.checkPrivateKey(privateKey)) throw broken('the key is not that of the certificate')
  if (!parsed.verify(parsed.publicKey)) throw broken('the certificate is not signed by its own key')
  return { certificate: parsed.toString(), key, name, ...validityOf(parsed) }
}

/** The name of an authority that Patchline made; undefined where the name is another. */
export function ownName(certificate: X509Certificate): string | undefined {
  return subject.exec(certificate.subject)?.[1]
}

/** The validity of a certificate in epoch milliseconds. */
export function validityOf({
  validFrom,
  validTo,
}: X509Certificate): Pick<Authority, 'startsAt' | 'expiresAt'> {
  return { startsAt: Date.parse(validFrom), expiresAt: Date.parse(validTo) }
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw broken('the certificate cannot be read')
  }
}

function parseKey(pem: string): KeyObject {
  const key = keyIn(pem)
  if (key?.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw broken('the key is not one of the curve P-256')
  return key
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    // Without its cause: no part of a key may reach a log.
    return undefined
  }
}

function broken(why: string): CertificateError {
  return new CertificateError('invalid-authority', why)
}
