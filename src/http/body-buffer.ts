import { freeBytes } from './intake.ts'

/**
 * The bytes of a body as they come. A large body lies in memory that goes back to the system when it is let go of: what the
 * collector of garbage frees comes late, and in pieces between those of others, so that little of it goes back.
 */
export interface BodyBuffer {
  length(): number
  /** Adds what still fits. */
  append(chunk: Buffer): void
  /** Drops what is beyond so many bytes. */
  truncate(bytes: number): void
  /** What `read` makes of all of it. The bytes are there only while it runs, and nothing is held after it. */
  readOnce<T>(read: (bytes: Buffer) => T): T
  /** Holds nothing from now on. */
  free(): void
}

/** An empty one, for a body of so many bytes at the most. */
export function createBodyBuffer(most: number): BodyBuffer {
  let chunks: Buffer[] = []
  let length = 0
  let memory: ArrayBuffer | undefined
  const add = (chunk: Buffer): void => {
    if (memory === undefined) chunks.push(chunk)
    else write(memory, chunk, length)
    length += chunk.length
  }
  const taken = (): Buffer => {
    const bytes = Buffer.concat(chunks)
    chunks = []
    return bytes
  }
  return {
    length: () => length,
    append(chunk) {
      const fitting = chunk.subarray(0, most - length)
      if (memory === undefined && length + fitting.length > freeBytes) memory = memoryOf(taken(), most)
      add(fitting)
    },
    truncate(bytes) {
      if (memory === undefined || length <= bytes) return
      length = bytes
      memory.resize(bytes)
    },
    readOnce(read) {
      const held = memory
      memory = undefined
      return held === undefined ? read(taken()) : readFixed(held, length, read)
    },
    free() {
      chunks = []
      memory?.resize(0)
      memory = undefined
    },
  }
}

/** How far the memory of a large body grows at once. */
const step = 256 * 1024

// Of the address space it takes all of `most`, of the memory what is written.
function memoryOf(beginning: Buffer, most: number): ArrayBuffer {
  const memory = new ArrayBuffer(0, { maxByteLength: most })
  write(memory, beginning, 0)
  return memory
}

function write(memory: ArrayBuffer, chunk: Buffer, at: number): void {
  const end = at + chunk.length
  if (end > memory.byteLength) memory.resize(Math.min(memory.maxByteLength, Math.ceil(end / step) * step))
  chunk.copy(Buffer.from(memory), at)
}

// V8 reads what cannot grow twice as fast, and lets go of it at once where it is transferred.
function readFixed<T>(memory: ArrayBuffer, length: number, read: (bytes: Buffer) => T): T {
  const fixed = memory.transferToFixedLength()
  try {
    return read(Buffer.from(fixed, 0, length))
  } finally {
    fixed.transfer(0)
  }
}
