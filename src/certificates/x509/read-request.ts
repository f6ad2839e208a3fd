import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { CertificateError } from './certificate-error.ts'
import { MalformedDerError, readDer, tags, type DerValue } from './der.ts'

/** What a request for a certificate (PKCS#10) asks for. Its signature shows that the sender has the key. */
export interface CertificateRequestContent {
  /** ECDSA, P-256. */
  readonly publicKey: KeyObject
  /** DNS names, in the order of the request. */
  readonly names: readonly string[]
}

// A request with a P-256 key and two names has 400 bytes.
const mostBytes = 4096
const form =
  /^-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/

/**
 * Reads a request (PEM) that any user of a cluster may have written. Only this is read: a P-256 key, DNS names and nothing else,
 * a signature of that key. What else a request can ask for (an authority, other names, other uses) makes it invalid. The subject
 * is not read: the certificate gets another. Throws CertificateError `invalid-request`; no message quotes the request.
 */
export function readCertificateRequest(pem: string): CertificateRequestContent {
  try {
    return readRequest(bytesOf(pem))
  } catch (error) {
    if (error instanceof MalformedDerError) throw invalid(`it holds ${error.message}`)
    throw error
  }
}

function bytesOf(pem: string): Buffer {
  const [, text = ''] = pem.length > 2 * mostBytes ? [] : (form.exec(pem) ?? [])
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 0) throw invalid('it is not one PEM block of a request')
  if (bytes.length > mostBytes) throw invalid(`it has more than ${mostBytes} bytes`)
  return bytes
}

// RFC 2986, 4.
function readRequest(bytes: Buffer): CertificateRequestContent {
  const [info, algorithm, signature] = contentOf(only(readDer(bytes)), tags.sequence, 3)
  const [version, subject, key, attributes] = contentOf(info, tags.sequence, 4)
  if (version?.bytes.equals(versionOne) !== true) throw invalid('it is not of version 1')
  if (subject?.tag !== tags.sequence) throw invalid('its subject is no name')
  if (algorithm?.bytes.equals(ecdsaWithSha256) !== true)
    throw invalid('it is not signed by ECDSA with SHA-256')
  const publicKey = keyOf(key)
  if (!isSignedBy(publicKey, info, signature)) throw invalid('its signature is not that of its key')
  return { publicKey, names: namesOf(attributes) }
}

const versionOne = Buffer.from([tags.integer, 1, 0])
/** 1.2.840.10045.4.3.2, without parameters. */
const ecdsaWithSha256 = Buffer.from('300a06082a8648ce3d040302', 'hex')
/** 1.2.840.113549.1.9.14 */
const extensionRequest = Buffer.from('06092a864886f70d01090e', 'hex')
/** 2.5.29.17 */
const subjectAlternativeName = Buffer.from('0603551d11', 'hex')
const booleanTrue = Buffer.from([tags.boolean, 1, 0xff])

function keyOf(value: DerValue | undefined): KeyObject {
  const key = parsedKey(value?.bytes ?? Buffer.alloc(0))
  const isCurve = key?.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (key === undefined || !isCurve) throw invalid('its key is not one of the curve P-256')
  return key
}

function parsedKey(bytes: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: bytes, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

function isSignedBy(key: KeyObject, info: DerValue | undefined, signature: DerValue | undefined): boolean {
  if (info === undefined || signature?.tag !== tags.bitString || signature.content[0] !== 0) return false
  try {
    return verify('sha256', info.bytes, key, signature.content.subarray(1))
  } catch {
    return false
  }
}

/** The DNS names of the one attribute, which asks for the one extension. */
function namesOf(attributes: DerValue | undefined): readonly string[] {
  const [attribute] = contentOf(attributes, tags.attributes, 1)
  const [id, values] = contentOf(attribute, tags.sequence, 2)
  if (id?.bytes.equals(extensionRequest) !== true) throw invalid('it asks for more than extensions')
  const [extensions] = contentOf(values, tags.set, 1)
  const [extension] = contentOf(extensions, tags.sequence, 1)
  if (extension?.tag !== tags.sequence) throw invalid('its extension is none')
  const [name, ...rest] = readDer(extension.content)
  if (name?.bytes.equals(subjectAlternativeName) !== true) throw invalid('it asks for more than DNS names')
  const [first] = rest
  const text = first?.bytes.equals(booleanTrue) === true ? rest.slice(1) : rest
  const alternatives = only(readDer(contentText(only(text))))
  if (alternatives.tag !== tags.sequence) throw invalid('its names are no list')
  return readDer(alternatives.content).map(dnsName)
}

function contentText(value: DerValue): Buffer {
  if (value.tag !== tags.octetString) throw invalid('its extension has no value')
  return value.content
}

const nameForm = /^[a-z0-9.-]{1,253}$/

function dnsName({ tag, content }: DerValue): string {
  const name = content.toString('latin1')
  // Lower case alone: names are compared by their letters.
  if (tag !== tags.dnsName || !nameForm.test(name)) throw invalid('it asks for a name that is no DNS name')
  return name
}

function contentOf(value: DerValue | undefined, tag: number, count: number): readonly DerValue[] {
  const values = value?.tag === tag ? readDer(value.content) : []
  if (values.length !== count) throw invalid('it does not have the parts of a request')
  return values
}

function only(values: readonly DerValue[]): DerValue {
  const [first] = values
  if (first === undefined || values.length > 1) throw invalid('it does not have the parts of a request')
  return first
}

function invalid(why: string): CertificateError {
  return new CertificateError('invalid-request', `the request cannot be signed: ${why}`)
}
