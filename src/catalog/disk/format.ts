import { createHash } from 'node:crypto'

import type { TagList } from '../../version/index.ts'
import type { Listed } from '../entry/entry.ts'
import type { Timestamps } from '../entry/tag-history.ts'
import type { StoredDigests } from '../entry/digest-records.ts'
import { readHeader, writeHeader } from './stored-header.ts'

/** The content of a file: what is known of one repository. */
export interface Stored extends Listed {
  readonly tags: TagList
  readonly digests: StoredDigests
}

/** Why a file is not used. */
export type StoredFault = 'corrupt' | 'other-version'

// The layout: sections go from wide numbers to narrow ones, so that each is aligned to its width.
const magic = Buffer.from('patchtag', 'latin1')
const formatVersion = 1
const preambleBytes = 64
const countsAt = 12
const checksumAt = 32
const checksumBytes = 32

interface Lengths {
  readonly tags: number
  readonly tagBytes: number
  readonly seen: number
  readonly published: number
  readonly header: number
}

/**
 * The bytes of a file: magic, format version, lengths, SHA-256 of all the rest, history, tags, a header in JSON. Numbers are in
 * the order of the machine: on one of the other order the version reads differently, and the file is left alone.
 */
export function encodeStored(stored: Stored): Buffer {
  const { tags, history } = stored
  const header = Buffer.from(JSON.stringify(writeHeader(stored)), 'utf8')
  const lengths = [
    tags.length,
    tags.bytes.length,
    history.seen.hashes.length,
    history.published.hashes.length,
  ]
  const preamble = Buffer.alloc(preambleBytes)
  magic.copy(preamble)
  bytesOf(Uint32Array.of(formatVersion, ...lengths, header.length)).copy(preamble, magic.length)
  const sections = [
    bytesOf(history.seen.hashes),
    bytesOf(history.published.hashes),
    bytesOf(history.seen.seconds),
    bytesOf(history.published.seconds),
    bytesOf(tags.starts.subarray(0, tags.length + 1)),
    bytesOf(tags.bytes),
    header,
  ]
  checksumOf(preamble, sections).copy(preamble, checksumAt)
  return Buffer.concat([preamble, ...sections])
}

/** The content of a file, or why it is not used; never throws, whatever the bytes are. */
export function decodeStored(file: Uint8Array): Stored | StoredFault {
  const preamble = Buffer.from(file.subarray(0, preambleBytes)) // a copy, where numbers can be read from any file
  if (preamble.length < preambleBytes || !preamble.subarray(0, magic.length).equals(magic)) return 'corrupt'
  if (numberAt(preamble, magic.length) !== formatVersion) return 'other-version'
  const lengths = readLengths(preamble)
  if (file.length !== preambleBytes + sizeOf(lengths)) return 'corrupt'
  const found = Buffer.from(preamble.subarray(checksumAt))
  preamble.fill(0, checksumAt)
  const body = file.subarray(preambleBytes)
  if (!checksumOf(preamble, [body]).equals(found)) return 'corrupt'
  return readBody(body, lengths) ?? 'corrupt'
}

// A process that can write into the directory can compute a checksum too: nothing is trusted because of it.
function readBody(body: Uint8Array, lengths: Lengths): Stored | undefined {
  const take = pieces(body)
  const seenHashes = new Float64Array(take(8 * lengths.seen))
  const publishedHashes = new Float64Array(take(8 * lengths.published))
  const seen = { hashes: seenHashes, seconds: new Uint32Array(take(4 * lengths.seen)) }
  const published = { hashes: publishedHashes, seconds: new Uint32Array(take(4 * lengths.published)) }
  const starts = new Uint32Array(take(4 * (lengths.tags + 1)))
  const bytes = new Uint8Array(take(lengths.tagBytes))
  const header = readHeader(Buffer.from(take(lengths.header)).toString('utf8'))
  if (header === undefined || !areStarts(starts, bytes.length)) return undefined
  if (!isAscending(seen) || !isAscending(published)) return undefined
  const { baseline, ...others } = header
  return {
    ...others,
    tags: { length: lengths.tags, bytes, starts },
    history: { baseline, seen, published },
  }
}

// Gives one piece of memory after the other: copies, so that a list does not keep its whole file.
function pieces(body: Uint8Array): (length: number) => ArrayBuffer {
  let at = 0
  return length => {
    const section = new Uint8Array(body.subarray(at, at + length))
    at += length
    return section.buffer
  }
}

function readLengths(preamble: Buffer): Lengths {
  const at = (place: number): number => numberAt(preamble, countsAt + 4 * place)
  return { tags: at(0), tagBytes: at(1), seen: at(2), published: at(3), header: at(4) }
}

function sizeOf({ tags, tagBytes, seen, published, header }: Lengths): number {
  return 12 * (seen + published) + 4 * (tags + 1) + tagBytes + header
}

function areStarts(starts: Uint32Array, end: number): boolean {
  return (
    starts[0] === 0 && starts.at(-1) === end && starts.every((start, at) => start >= (starts[at - 1] ?? 0))
  )
}

function isAscending({ hashes }: Timestamps): boolean {
  return hashes.every((hash, at) => at === 0 || hash > (hashes[at - 1] ?? 0))
}

function checksumOf(preamble: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256').update(preamble.subarray(0, checksumAt))
  hash.update(preamble.subarray(checksumAt + checksumBytes))
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function numberAt(bytes: Buffer, at: number): number {
  return new Uint32Array(new Uint8Array(bytes.subarray(at, at + 4)).buffer)[0] ?? 0
}

function bytesOf(numbers: Float64Array | Uint32Array | Uint8Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}
