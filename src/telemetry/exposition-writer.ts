import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { constants, crc32, createDeflateRaw } from 'node:zlib'

/** Writes metrics in the text format 0.0.4 of Prometheus, line by line, and compresses them. */
export interface ExpositionWriter {
  /** Begins a metric family of gauges. */
  beginFamily(family: { readonly name: string; readonly help: string }): void
  /** Adds a line: a series and its value. */
  addLine(text: string): void
  /** Yields to other work, and lets the compression catch up. */
  yield(): Promise<void>
  /** The whole text, which ends with a line feed; no bytes for no text. */
  finish(): Promise<CompressedText>
}

/** A compressed text to which more text can be added within one gzip member. */
export interface CompressedText {
  /** Blocks of deflate (RFC 1951) up to a byte boundary, none of them the last one of a stream. */
  readonly pieces: readonly Buffer[]
  /** Bytes, and CRC-32, of the text itself. */
  readonly size: number
  readonly crc32: number
}

/** The empty text. */
export const noText: CompressedText = { pieces: [], size: 0, crc32: 0 }

// About what a socket takes at once.
const chunkSize = 64 * 1024

/** Creates a writer. It compresses on zlib's threads, piece by piece, so that none of them is busy for long. */
export function createExpositionWriter(): ExpositionWriter {
  // Every line has the same names: the fastest level already compresses to a twentieth. Flushed and not ended, the stream has no
  // last block.
  const deflate = createDeflateRaw({
    level: constants.Z_BEST_SPEED,
    chunkSize,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  const pieces: Buffer[] = []
  deflate.on('data', (chunk: Buffer) => pieces.push(chunk))
  let text = ''
  let isFirst = true
  let size = 0
  let sum = 0
  const take = (): Buffer => {
    const bytes = Buffer.from(text)
    text = ''
    size += bytes.length
    sum = crc32(bytes, sum)
    return bytes
  }
  return {
    beginFamily({ name, help }) {
      text += `${isFirst ? '' : '\n'}# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      isFirst = false
    },
    addLine: more => void (text += `${more}\n`),
    async yield() {
      if (text.length >= chunkSize && !deflate.write(take())) await once(deflate, 'drain')
      await nextTurn()
    },
    async finish() {
      if (isFirst) {
        deflate.destroy()
        return noText
      }
      deflate.end(take())
      await once(deflate, 'end')
      return { pieces, size, crc32: sum }
    },
  }
}
