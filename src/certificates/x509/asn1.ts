import forge from 'node-forge'
import type { Host } from './hosts.ts'

const { asn1 } = forge
const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class

/** One ASN.1 value, as node-forge writes it. */
export type Asn1 = forge.asn1.Asn1

/** SEQUENCE of the given values. */
export const sequence = (...values: Asn1[]): Asn1 => asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, values)

/** SET of the given values. */
export const set = (...values: Asn1[]): Asn1 => asn1.create(UNIVERSAL, asn1.Type.SET, true, values)

/** OBJECT IDENTIFIER, from its dotted form. */
export const objectIdentifier = (dotted: string): Asn1 =>
  asn1.create(UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes())

/** BOOLEAN TRUE; DER leaves FALSE out wherever it is the default. */
export const booleanTrue = (): Asn1 => asn1.create(UNIVERSAL, asn1.Type.BOOLEAN, false, '\u00ff')

/** INTEGER of the given big-endian bytes, which must not have the top bit set: it would read as negative. */
export const integer = (bytes: Buffer): Asn1 =>
  asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, bytes.toString('latin1'))

/** OCTET STRING. */
export const octetString = (bytes: Buffer): Asn1 =>
  asn1.create(UNIVERSAL, asn1.Type.OCTETSTRING, false, bytes.toString('latin1'))

/** BIT STRING; `unusedBits` counts those at the end of the last byte. */
export const bitString = (bytes: Buffer, unusedBits = 0): Asn1 =>
  asn1.create(
    UNIVERSAL,
    asn1.Type.BITSTRING,
    false,
    String.fromCharCode(unusedBits) + bytes.toString('latin1'),
  )

/** `[tag]` around one value. */
export const explicit = (tag: number, value: Asn1): Asn1 =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a context tag is any number; forge declares universal ones
  asn1.create(CONTEXT_SPECIFIC, tag, true, [value])

/** `[tag] IMPLICIT` of primitive bytes. */
export const implicit = (tag: number, bytes: Buffer): Asn1 =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a context tag is any number; forge declares universal ones
  asn1.create(CONTEXT_SPECIFIC, tag, false, bytes.toString('latin1'))

/** Time of an instant in epoch milliseconds: UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(instant: number): Asn1 {
  const date = new Date(instant)
  return date.getUTCFullYear() < 2050
    ? asn1.create(UNIVERSAL, asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(UNIVERSAL, asn1.Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date))
}

/** Name of one common name, UTF8String. */
export function commonName(text: string): Asn1 {
  const value = asn1.create(UNIVERSAL, asn1.Type.UTF8, false, Buffer.from(text, 'utf8').toString('latin1'))
  const attribute = sequence(objectIdentifier('2.5.4.3'), value)
  return sequence(set(attribute))
}

/** The value that the given DER bytes hold; only for bytes that this process made. */
export const fromDer = (bytes: Buffer): Asn1 => asn1.fromDer(bytes.toString('latin1'))

/** DER bytes of a value. */
export const toDer = (value: Asn1): Buffer => Buffer.from(asn1.toDer(value).getBytes(), 'latin1')

/** `ecdsa-with-SHA256`; RFC 5758 forbids parameters here, also NULL. */
export const signatureAlgorithm = (): Asn1 => sequence(objectIdentifier('1.2.840.10045.4.3.2'))

/** An extension of a certificate, not critical, of a value that is written as its content. */
export const extension = (id: string, value: Asn1): Asn1 =>
  sequence(objectIdentifier(id), octetString(toDer(value)))

/** The same, critical: who does not know it must refuse the certificate. */
export const criticalExtension = (id: string, value: Asn1): Asn1 =>
  sequence(objectIdentifier(id), booleanTrue(), octetString(toDer(value)))

/** GeneralName: 2 is dNSName, 7 is iPAddress. */
export const generalName = (host: Host): Asn1 =>
  host.kind === 'dns' ? implicit(2, Buffer.from(host.name, 'ascii')) : implicit(7, host.bytes)
