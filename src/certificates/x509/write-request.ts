import { sign, type KeyObject } from 'node:crypto'
import {
  bitString,
  commonName,
  explicit,
  extension,
  fromDer,
  generalName,
  integer,
  objectIdentifier,
  sequence,
  set,
  signatureAlgorithm,
  toDer,
} from './asn1.ts'
import { parseHosts } from './hosts.ts'

/** The key for which a certificate is requested (P-256), and the DNS names. */
export interface RequestedCertificate {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly names: readonly string[]
}

/** Writes a request for a certificate (RFC 2986, PKCS#10) as PEM, signed by the key. Throws CertificateError `invalid-input`. */
export function writeCertificateRequest({ publicKey, privateKey, names }: RequestedCertificate): string {
  const alternatives = extension('2.5.29.17', sequence(...parseHosts(names).map(generalName)))
  const attribute = sequence(objectIdentifier('1.2.840.113549.1.9.14'), set(sequence(alternatives)))
  const info = sequence(
    integer(Buffer.from([0])), // version 1
    commonName('patchline'),
    fromDer(publicKey.export({ type: 'spki', format: 'der' })),
    explicit(0, attribute), // [0] IMPLICIT SET OF one
  )
  const signature = sign('sha256', toDer(info), privateKey)
  const request = toDer(sequence(info, signatureAlgorithm(), bitString(signature))).toString('base64')
  const lines = request.match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}
