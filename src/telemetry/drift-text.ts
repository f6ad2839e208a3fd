import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { constants, createGzip } from 'node:zlib'

/** Takes text in the format 0.0.4 of Prometheus bit by bit and keeps it compressed. */
export interface DriftText {
  /** Begins a family of gauges. */
  begin(family: { readonly name: string; readonly help: string }): void
  /** Adds a series. */
  line(text: string): void
  /** Lets others have their turn, and the compression catch up. */
  rest(): Promise<void>
  /** One gzip member (RFC 1952: members may follow each other); no bytes at all for no text. */
  finish(): Promise<readonly Buffer[]>
}

// What a socket takes at once, more or less.
const chunkSize = 64 * 1024

/** A text of nothing yet. It is compressed on zlib's threads, a piece at a time, so that none of them is long at it. */
export function createDriftText(): DriftText {
  // The same names stand in every line: the fastest level already leaves a twentieth.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize })
  const compressed: Buffer[] = []
  gzip.on('data', (chunk: Buffer) => compressed.push(chunk))
  let text = ''
  let isFirst = true
  return {
    begin({ name, help }) {
      text += `${isFirst ? '' : '\n'}# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      isFirst = false
    },
    line: more => void (text += `${more}\n`),
    async rest() {
      if (text.length >= chunkSize) {
        const hasRoom = gzip.write(text)
        text = ''
        if (!hasRoom) await once(gzip, 'drain')
      }
      await turn()
    },
    async finish() {
      if (isFirst) {
        gzip.destroy()
        return []
      }
      gzip.end(text)
      await once(gzip, 'end')
      return compressed
    },
  }
}
