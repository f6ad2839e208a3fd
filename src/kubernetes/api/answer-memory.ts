import type { IncomingMessage } from 'node:http'

/**
 * Memory for the bytes of one answer after the other. A list of 100,000 pods is a gigabyte in pages: buffers that the collector of
 * garbage has to free would make it run without end, and leave holes that never go back to the system.
 */
export interface AnswerMemory {
  /** The answer's bytes, which stand until the next one is read. @throws RangeError where there are more than `limit`. */
  read(response: IncomingMessage, limit: number): Promise<Buffer>
  /** Gives all of it back at once; nothing that was read may be used any more. */
  free(): void
}

/** Memory that is as large as the largest answer so far needed. */
export function createAnswerMemory(): AnswerMemory {
  let memory = new ArrayBuffer(0)
  return {
    async read(response, limit) {
      let length = 0
      for await (const chunk of response) {
        if (!Buffer.isBuffer(chunk)) continue
        const end = length + chunk.length
        if (end > limit) throw new RangeError(`the answer is larger than ${limit} bytes`)
        if (end > memory.byteLength) memory = memory.transfer(Math.ceil((end * growth) / step) * step)
        chunk.copy(Buffer.from(memory), length)
        length = end
      }
      return Buffer.from(memory, 0, length)
    },
    free: () => void (memory = memory.transfer(0)),
  }
}

const step = 256 * 1024
// A page is seldom much larger than the one before.
const growth = 1.25
