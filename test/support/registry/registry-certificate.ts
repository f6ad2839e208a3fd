import { generateKeyPairSync } from 'node:crypto'

import forge from 'node-forge'

/** A key and a certificate that it signed itself, in PEM. */
export interface TestCertificate {
  readonly key: string
  readonly cert: string
}

interface CertificateOptions {
  /** IP addresses and DNS names. */
  readonly addresses?: readonly string[]
  readonly names?: readonly string[]
  /** Days from now at which it begins and ends. */
  readonly from?: number
  readonly to?: number
}

const day = 86_400_000

/** A self-signed certificate; for 127.0.0.1 and from yesterday to tomorrow unless told otherwise. */
export function selfSigned(options: CertificateOptions = {}): TestCertificate {
  const { addresses = ['127.0.0.1'], names = [], from = -1, to = 1 } = options
  // Node makes a key in a tenth of the time that node-forge takes.
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  })
  const pem = key.toString()
  const privateKey = forge.pki.privateKeyFromPem(pem)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e)
  certificate.serialNumber = '01'
  certificate.validity.notBefore = new Date(Date.now() + from * day)
  certificate.validity.notAfter = new Date(Date.now() + to * day)
  const subject = [{ name: 'commonName', value: 'memory registry' }]
  certificate.setSubject(subject)
  certificate.setIssuer(subject)
  const altNames = [
    ...addresses.map(ip => ({ type: 7, ip })),
    ...names.map(name => ({ type: 2, value: name })),
  ]
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames },
  ])
  certificate.sign(privateKey, forge.md.sha256.create())
  return { key: pem, cert: forge.pki.certificateToPem(certificate) }
}
