import { createHash, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import type { Host } from './hosts.ts'

const { asn1 } = forge
const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class

/** The content of one certificate. Instants in epoch milliseconds. */
export interface CertificateContent {
  readonly subject: string
  readonly publicKey: KeyObject
  readonly serial: Buffer
  readonly notBefore: number
  readonly notAfter: number
  /** The names of a serving certificate; undefined makes a certificate authority. */
  readonly hosts: readonly Host[] | undefined
}

/** The signer: a P-256 key, and the name that the certificate gets as its issuer. */
export interface Issuer {
  readonly name: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const signOffTheLoop = promisify<'sha256', Buffer, KeyObject, Buffer>(sign)

/** `ecdsa-with-SHA256`; RFC 5758 forbids parameters here, also NULL. */
const signatureAlgorithm = (): Asn1 => sequence(objectIdentifier('1.2.840.10045.4.3.2'))

/**
 * Issues one X.509 v3 certificate as PEM. node-forge writes the structure; keys and signatures are those of node:crypto,
 * because forge knows no elliptic curve: with its RSA-2048 keys a handshake costs the server 2.1 to 3.1 ms of CPU
 * instead of 1.6 to 2.1 ms with P-256, and making them blocks the event loop for 0.2 s and more.
 */
export async function issueCertificate(content: CertificateContent, issuer: Issuer): Promise<string> {
  const toBeSigned = tbsCertificate(content, issuer)
  const signature = await signOffTheLoop('sha256', toDer(toBeSigned), issuer.privateKey)
  const certificate = sequence(toBeSigned, signatureAlgorithm(), bitString(signature))
  return new X509Certificate(toDer(certificate)).toString()
}

/** RFC 5280, 4.1. */
function tbsCertificate(content: CertificateContent, issuer: Issuer): Asn1 {
  return sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(content.serial),
    signatureAlgorithm(),
    commonName(issuer.name),
    sequence(time(content.notBefore), time(content.notAfter)),
    commonName(content.subject),
    fromDer(content.publicKey.export({ type: 'spki', format: 'der' })),
    explicit(3, sequence(...extensions(content, issuer))),
  )
}

function extensions({ publicKey, hosts }: CertificateContent, issuer: Issuer): Asn1[] {
  const subjectKeyIdentifier = extension('2.5.29.14', octetString(keyIdentifier(publicKey)))
  if (hosts === undefined) {
    return [
      // cA TRUE, pathLenConstraint 0: it signs serving certificates and no further authority.
      criticalExtension('2.5.29.19', sequence(booleanTrue(), integer(Buffer.from([0])))),
      criticalExtension('2.5.29.15', bitString(Buffer.from([0b0000_0110]), 1)), // keyCertSign, cRLSign
      subjectKeyIdentifier,
    ]
  }
  return [
    criticalExtension('2.5.29.19', sequence()), // cA FALSE
    criticalExtension('2.5.29.15', bitString(Buffer.from([0b1000_0000]), 7)), // digitalSignature
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))), // serverAuth
    extension('2.5.29.17', sequence(...hosts.map(generalName))),
    subjectKeyIdentifier,
    extension('2.5.29.35', sequence(implicit(0, keyIdentifier(issuer.publicKey)))), // authority key identifier
  ]
}

const extension = (id: string, value: Asn1): Asn1 => sequence(objectIdentifier(id), octetString(toDer(value)))

const criticalExtension = (id: string, value: Asn1): Asn1 =>
  sequence(objectIdentifier(id), booleanTrue(), octetString(toDer(value)))

/** GeneralName: 2 is dNSName, 7 is iPAddress. */
const generalName = (host: Host): Asn1 =>
  host.kind === 'dns' ? implicit(2, Buffer.from(host.name, 'ascii')) : implicit(7, host.bytes)

/** RFC 7093, 2, method 1 in spirit: any 20 bytes that name the key; a truncated SHA-256 of its SubjectPublicKeyInfo. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20)
}

/** One ASN.1 value, as node-forge writes it. */
type Asn1 = forge.asn1.Asn1

/** SEQUENCE of the given values. */
const sequence = (...values: Asn1[]): Asn1 => asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, values)

/** OBJECT IDENTIFIER, from its dotted form. */
const objectIdentifier = (dotted: string): Asn1 =>
  asn1.create(UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes())

/** BOOLEAN TRUE; DER leaves FALSE out wherever it is the default. */
const booleanTrue = (): Asn1 => asn1.create(UNIVERSAL, asn1.Type.BOOLEAN, false, '\u00ff')

/** INTEGER of the given big-endian bytes, which must not have the top bit set: it would read as negative. */
const integer = (bytes: Buffer): Asn1 =>
  asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, bytes.toString('latin1'))

/** OCTET STRING. */
const octetString = (bytes: Buffer): Asn1 =>
  asn1.create(UNIVERSAL, asn1.Type.OCTETSTRING, false, bytes.toString('latin1'))

/** BIT STRING; `unusedBits` counts those at the end of the last byte. */
const bitString = (bytes: Buffer, unusedBits = 0): Asn1 =>
  asn1.create(
    UNIVERSAL,
    asn1.Type.BITSTRING,
    false,
    String.fromCharCode(unusedBits) + bytes.toString('latin1'),
  )

/** `[tag]` around one value. */
const explicit = (tag: number, value: Asn1): Asn1 =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a context tag is any number; forge declares universal ones
  asn1.create(CONTEXT_SPECIFIC, tag, true, [value])

/** `[tag] IMPLICIT` of primitive bytes. */
const implicit = (tag: number, bytes: Buffer): Asn1 =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a context tag is any number; forge declares universal ones
  asn1.create(CONTEXT_SPECIFIC, tag, false, bytes.toString('latin1'))

/** Time of an instant in epoch milliseconds: UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
function time(instant: number): Asn1 {
  const date = new Date(instant)
  return date.getUTCFullYear() < 2050
    ? asn1.create(UNIVERSAL, asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(UNIVERSAL, asn1.Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date))
}

/** Name of one common name, UTF8String. */
function commonName(text: string): Asn1 {
  const value = asn1.create(UNIVERSAL, asn1.Type.UTF8, false, Buffer.from(text, 'utf8').toString('latin1'))
  const attribute = sequence(objectIdentifier('2.5.4.3'), value)
  return sequence(asn1.create(UNIVERSAL, asn1.Type.SET, true, [attribute]))
}

/** The value that the given DER bytes hold; only for bytes that this process made. */
const fromDer = (bytes: Buffer): Asn1 => asn1.fromDer(bytes.toString('latin1'))

/** DER bytes of a value. */
const toDer = (value: Asn1): Buffer => Buffer.from(asn1.toDer(value).getBytes(), 'latin1')
