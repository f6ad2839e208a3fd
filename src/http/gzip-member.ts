import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import type { CompressedText } from './ports.ts'

const deflate = promisify(deflateRaw)

/**
 * Two texts as one gzip member (RFC 1952), the second one compressed here. Several members are allowed by the RFC, but curl
 * before 8 and every reader that asks zlib once end after the first. The prepared text comes first, for the check sum of
 * both can then go on from that of the first without its text.
 */
export async function gzipMember(prepared: CompressedText, text: string): Promise<readonly Buffer[]> {
  const bytes = Buffer.from(text)
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc32(bytes, prepared.crc32), 0)
  end.writeUInt32LE((prepared.size + bytes.length) % 2 ** 32, 4)
  return [head, ...prepared.pieces, Buffer.concat([await deflate(bytes), end])]
}

// Deflate, no flags, no time, no extra flags, an unknown file system.
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
