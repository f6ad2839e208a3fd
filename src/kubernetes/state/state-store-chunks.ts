import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { StateStoreError } from './state-store-error.ts'

/** One part of a text, small enough for a ConfigMap. */
export interface StateChunk {
  /** Of the whole; a later one is higher. */
  readonly generation: number
  /** How many parts the whole has; 0 while they are being written. */
  readonly count: number
  /** SHA-256 of the whole, compressed, in hexadecimal. */
  readonly sha256: string
  /** A part of the compressed text. */
  readonly bytes: Uint8Array
}

/** The API server takes 1 MiB of data in a ConfigMap, names and all, and a request of 1.5 MiB: this is 1.2 MB as base64. */
const mostBytes = 900_000
/** 7.2 MB compressed, which is 50 MB and more of text: the state of some hundred thousand containers. */
export const mostChunks = 8
/** What a text may become: a ConfigMap that somebody else wrote must not fill the memory. */
const mostText = 268_435_456

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** The text in parts. Throws StateStoreError `too-large`. */
export async function chunksOf(text: string, generation: number): Promise<readonly StateChunk[]> {
  const whole = await compress(text)
  const count = Math.max(1, Math.ceil(whole.length / mostBytes))
  if (count > mostChunks) {
    throw new StateStoreError('too-large', `${whole.length} bytes, more than ${mostChunks * mostBytes}`)
  }
  const sha256 = checksum(whole)
  return Array.from({ length: count }, (_, index) => ({
    generation,
    count,
    sha256,
    bytes: whole.subarray(index * mostBytes, (index + 1) * mostBytes),
  }))
}

/** The text of parts in their order; undefined where they are not all of one text. */
export async function textOfChunks(chunks: readonly (StateChunk | undefined)[]): Promise<string | undefined> {
  const [first] = chunks
  if (first === undefined || first.count !== chunks.length) return undefined
  const parts = chunks.flatMap(chunk => (chunk?.sha256 === first.sha256 ? [chunk.bytes] : []))
  const whole = Buffer.concat(parts)
  if (parts.length !== chunks.length || checksum(whole) !== first.sha256) return undefined
  try {
    return (await decompress(whole, { maxOutputLength: mostText })).toString('utf8')
  } catch {
    // Whole, and yet not what we compressed: somebody else wrote it.
    return undefined
  }
}

function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
