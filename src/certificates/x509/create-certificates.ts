import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { CertificateError } from './certificate-error.ts'
import { parseHosts } from './hosts.ts'

const hour = 3_600_000
const day = 24 * hour
/** RFC 5280 has no year after 9999; a century is already more than is ever meant. */
const mostDays = 36_500

/** A certificate and its private key (PKCS#8), both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** The names and the validity of new certificates. */
export interface CertificateRequest {
  /** DNS names and IP addresses that the server is reached by. */
  readonly hosts: readonly string[]
  /** Epoch milliseconds. Certificates are valid from an hour before, for clocks that run behind. */
  readonly now: number
  /** Default 3650: ten years. */
  readonly caDays?: number
  /** Default 365: a year, at most `caDays`. */
  readonly servingDays?: number
}

/** A new certificate authority and a serving pair that it signed. */
export interface Certificates {
  readonly ca: KeyPair
  readonly serving: KeyPair
}

/**
 * Creates a certificate authority and a serving pair, ECDSA P-256 with SHA-256. The authority's key is not needed afterwards:
 * the next pair comes with the next authority. Throws CertificateError `invalid-input`.
 */
export async function createCertificates(request: CertificateRequest): Promise<Certificates> {
  const hosts = parseHosts(request.hosts)
  const { notBefore, caEnd, servingEnd } = parseValidity(request)
  // node-forge is loaded here, where a certificate is made: `serve` and `check` never need its 36 ms and its memory.
  const { issueCertificate } = await import('./issue-certificate.ts')
  const [caKeys, servingKeys] = await Promise.all([createKeys(), createKeys()])
  const caSerial = createSerial()
  // The name differs from authority to authority: during a rotation a bundle holds two, told apart by name.
  const name = `patchline-ca-${caSerial.toString('hex', 0, 4)}`
  const issuer = { name, ...caKeys }
  const ca = { subject: name, publicKey: caKeys.publicKey, serial: caSerial, hosts: undefined }
  const serving = { subject: 'patchline', publicKey: servingKeys.publicKey, serial: createSerial(), hosts }
  const [caPem, servingPem] = await Promise.all([
    issueCertificate({ ...ca, notBefore, notAfter: caEnd }, issuer),
    issueCertificate({ ...serving, notBefore, notAfter: servingEnd }, issuer),
  ])
  return {
    ca: { certificate: caPem, key: pemOf(caKeys.privateKey) },
    serving: { certificate: servingPem, key: pemOf(servingKeys.privateKey) },
  }
}

function parseValidity({ now, caDays = 3650, servingDays = 365 }: CertificateRequest) {
  if (!Number.isSafeInteger(now) || Number.isNaN(new Date(now).valueOf())) {
    throw new CertificateError('invalid-input', `now is not an instant in epoch milliseconds: ${now}`)
  }
  assertDays('caDays', caDays, mostDays)
  // A serving certificate that outlives its authority would fail before the date that it shows.
  assertDays('servingDays', servingDays, caDays)
  return { notBefore: now - hour, caEnd: now + caDays * day, servingEnd: now + servingDays * day }
}

function assertDays(name: string, days: number, most: number): void {
  if (Number.isInteger(days) && days >= 1 && days <= most) return
  throw new CertificateError('invalid-input', `${name} must be a whole number from 1 to ${most}, not ${days}`)
}

const generate = promisify(generateKeyPair)

/** Makes the keys of a certificate: ECDSA, P-256. */
export const createKeys = () => generate('ec', { namedCurve: 'P-256' })

/** A private key as PEM, PKCS#8. */
export const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/**
 * A serial number of 16 random bytes, the first 0x01 to 0x7f. A set top bit would make it negative, which RFC 5280
 * forbids and Go 1.23 and later refuse: such a CA would lock the API server out at random.
 */
export function createSerial(): Buffer {
  const serial = randomBytes(16)
  const first = serial[0] ?? 0
  serial[0] = 1 + (first % 127)
  return serial
}
