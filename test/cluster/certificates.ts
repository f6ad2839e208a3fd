import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'

import forge from 'node-forge'

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly privateKey: string
}

interface Subject {
  readonly commonName: string
  /** For a client certificate: a group of the user. */
  readonly organization?: string
  /** For a server certificate: the names and addresses it is reached by. */
  readonly hosts?: readonly string[]
}

const dayMs = 24 * 60 * 60 * 1000

/** Makes a certificate authority that lives as long as a test run. */
export function createAuthority(commonName: string): KeyPair {
  return sign({ commonName }, undefined, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
  ])
}

/** Issues a certificate for both ends of a TLS connection. */
export function issueCertificate(authority: KeyPair, subject: Subject): KeyPair {
  return sign(subject, authority, [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    ...alternativeNames(subject.hosts ?? []),
  ])
}

// forge makes and signs the certificate, but its own RSA key generation takes seconds.
function sign(subject: Subject, authority: KeyPair | undefined, extensions: readonly object[]): KeyPair {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const issuer = authority ?? { certificate: undefined, privateKey: keys.privateKey }
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey)
  // The first byte keeps the serial number positive and without leading zeros.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - dayMs)
  certificate.validity.notAfter = new Date(Date.now() + dayMs)
  certificate.setSubject(attributes(subject))
  certificate.setIssuer(
    issuer.certificate === undefined
      ? attributes(subject)
      : forge.pki.certificateFromPem(issuer.certificate).subject.attributes,
  )
  certificate.setExtensions([...extensions])
  certificate.sign(forge.pki.privateKeyFromPem(issuer.privateKey), forge.md.sha256.create())
  return { certificate: forge.pki.certificateToPem(certificate), privateKey: keys.privateKey }
}

function attributes({ commonName, organization }: Subject): forge.pki.CertificateField[] {
  const name = { name: 'commonName', value: commonName }
  return organization === undefined ? [name] : [{ name: 'organizationName', value: organization }, name]
}

function alternativeNames(hosts: readonly string[]): readonly object[] {
  if (hosts.length === 0) return []
  // Types 2 and 7 are DNS name and IP address in RFC 5280's GeneralName.
  const altNames = hosts.map(host => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }))
  return [{ name: 'subjectAltName', altNames }]
}
