import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { constants, crc32, createDeflateRaw } from 'node:zlib'

/** Takes text in the format 0.0.4 of Prometheus bit by bit and keeps it compressed. */
export interface DriftText {
  /** Begins a family of gauges. */
  begin(family: { readonly name: string; readonly help: string }): void
  /** Adds a series. */
  line(text: string): void
  /** Lets others have their turn, and the compression catch up. */
  rest(): Promise<void>
  /** The whole text, which ends with a line feed; without any byte for no text. */
  finish(): Promise<CompressedText>
}

/** A text that is kept compressed, in a form that goes on with other text in one gzip member. */
export interface CompressedText {
  /** Blocks of deflate (RFC 1951) up to a byte boundary, none of them the last one of a stream. */
  readonly pieces: readonly Buffer[]
  /** Bytes, and CRC-32, of the text itself. */
  readonly size: number
  readonly crc32: number
}

/** The text without a character. */
export const noText: CompressedText = { pieces: [], size: 0, crc32: 0 }

// What a socket takes at once, more or less.
const chunkSize = 64 * 1024

/** A text of nothing yet. It is compressed on zlib's threads, a piece at a time, so that none of them is long at it. */
export function createDriftText(): DriftText {
  // The same names stand in every line: the fastest level already leaves a twentieth. Flushed and not ended, the stream has
  // no last block.
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
    begin({ name, help }) {
      text += `${isFirst ? '' : '\n'}# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      isFirst = false
    },
    line: more => void (text += `${more}\n`),
    async rest() {
      if (text.length >= chunkSize && !deflate.write(take())) await once(deflate, 'drain')
      await turn()
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
