/** One value of DER: its tag byte, its content, and all of its bytes. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly bytes: Buffer
}

/** Bytes that are not DER. The message holds none of them. */
export class MalformedDerError extends Error {
  override readonly name = 'MalformedDerError'
}

/** The tags that requests for certificates have. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  boolean: 0x01,
  sequence: 0x30,
  set: 0x31,
  /** `[0]` around other values. */
  attributes: 0xa0,
  /** GeneralName `[2] IMPLICIT`. */
  dnsName: 0x82,
} as const

/**
 * Reads the values that stand one after the other in bytes, to their end, and not what is in them: nesting costs nothing.
 * Strictly DER: two encodings of one request would be two requests to compare. Throws MalformedDerError.
 */
export function readDer(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length;) {
    const value = readOne(bytes.subarray(at))
    values.push(value)
    at += value.bytes.length
  }
  return values
}

function readOne(bytes: Buffer): DerValue {
  const [tag = 0, first = 0] = bytes
  // A tag number of 31 and more has further bytes; no certificate has one.
  if (bytes.length < 2 || (tag & 0x1f) === 0x1f) throw new MalformedDerError('a tag that is not read')
  const { start, length } = first < 0x80 ? { start: 2, length: first } : longLength(bytes, first & 0x7f)
  const end = start + length
  if (end > bytes.length) throw new MalformedDerError('a value that is longer than its bytes')
  return { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(0, end) }
}

// Two bytes count up to 64 KiB, and what is read here is smaller. 0x80 is the indefinite length of BER.
function longLength(bytes: Buffer, count: number): { readonly start: number; readonly length: number } {
  if (count < 1 || count > 2 || bytes.length < 2 + count)
    throw new MalformedDerError('a length that is not read')
  const length = bytes.readUIntBE(2, count)
  if (length < (count === 1 ? 0x80 : 0x100)) throw new MalformedDerError('a length that is not the shortest')
  return { start: 2 + count, length }
}
