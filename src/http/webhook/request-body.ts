import type { IncomingMessage, ServerResponse } from 'node:http'
import { freeBytes } from './in-flight-requests.ts'

export type UnreadableBodyCode =
  | 'wrong-content-type' // not JSON by its header
  | 'aborted' // the connection ended before the body
  | 'no-room' // there are as many bodies in memory as may be
  | 'too-slow' // the body took too long

/** The body of a request could not be read. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError'
  readonly code: UnreadableBodyCode

  constructor(code: UnreadableBodyCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The limits of one body. */
export interface BodyLimits {
  readonly bytes: number
  /** Milliseconds. */
  readonly timeout: number
}

/** The body of a request, or the beginning of one that is too large. */
export interface ReceivedBody {
  readonly buffer: BodyBuffer
  readonly isWhole: boolean
}

/** Reads the body of one request. */
export interface BodyReader {
  /**
   * Reads a JSON body; `reserve` says whether there is room for so many bytes in all. Of a body that is too large the beginning
   * is kept. What is not wanted is not read: {@link closeUnread} ends its connection.
   * @throws UnreadableBodyError if not even a beginning can be read.
   */
  readonly read: (reserve: (bytes: number) => boolean) => Promise<ReceivedBody>
  /** Ends the reading, if it goes on: the room is for others. */
  readonly evict: () => void
}

/** The error of a request for which there is no room. */
export function noRoom(): UnreadableBodyError {
  return new UnreadableBodyError('no-room', 'too many reviews at once')
}

/** The part of a too large body that is kept: its first kilobytes identify the request. */
const headBytes = 1024 * 1024

/** Creates a reader. It uses no AbortSignals: those of a request live until a collection of the whole heap. */
export function createBodyReader(request: IncomingMessage, { bytes, timeout }: BodyLimits): BodyReader {
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedBody>()
  const buffer = createBodyBuffer(bytes)
  let length = 0
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const end = (): void => {
    isOver = true
    clearTimeout(timer)
    if (!request.complete) request.pause() // the rest stays unread
  }
  const fail = (error: UnreadableBodyError): void => {
    if (isOver) return
    end()
    buffer.free()
    reject(error)
  }
  const receive = (): void => {
    end()
    const isWhole = length <= bytes
    if (!isWhole) buffer.truncate(headBytes)
    resolve({ buffer, isWhole })
  }
  const evict = (): void => fail(noRoom())
  const read = (reserve: (bytes: number) => boolean): Promise<ReceivedBody> => {
    checkContentType(request)
    timer = setTimeout(() => fail(tooSlow(timeout)), timeout)
    request.on('data', (chunk: Buffer) => {
      if (isOver) return
      length += chunk.length
      if (!reserve(Math.min(length, bytes))) return evict()
      buffer.append(chunk)
      if (length > bytes) receive()
    })
    request.on('end', receive)
    request.on('error', () => fail(new UnreadableBodyError('aborted', 'the request ended before its body')))
    return promise
  }
  return { read, evict }
}

function tooSlow(timeout: number): UnreadableBodyError {
  return new UnreadableBodyError('too-slow', `the body took longer than ${timeout} ms`)
}

const json = /^application\/json\s*(?:;|$)/i

function checkContentType({ headers }: IncomingMessage): void {
  if (!json.test(headers['content-type'] ?? ''))
    throw new UnreadableBodyError('wrong-content-type', 'the content type is not application/json')
}

/** How long a client that is still sending has to see its response, in milliseconds. */
const lingering = 500

/**
 * Closes the connection of a request whose body was not read to its end, some time after its response: Go's client reads a
 * response while it sends, and might miss it if the connection closed at once. Does nothing if the body was read.
 */
export function closeUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return
  response.once('finish', () => setTimeout(() => request.socket.destroy(), lingering).unref())
}

/**
 * The bytes of a body as they arrive. A large body is in memory that goes back to the system when it is freed: the garbage
 * collector frees memory late, and in pieces between those of others, so that little of it goes back.
 */
export interface BodyBuffer {
  length(): number
  /** Adds as much of the chunk as fits. */
  append(chunk: Buffer): void
  /** Drops what is beyond so many bytes. */
  truncate(bytes: number): void
  /** Returns what `read` makes of all bytes. They exist only while it runs; afterwards the buffer is empty. */
  readOnce<T>(read: (bytes: Buffer) => T): T
  /** Gives the memory back. */
  free(): void
}

/** Creates a buffer for a body of at most so many bytes. */
export function createBodyBuffer(most: number): BodyBuffer {
  let chunks: Buffer[] = []
  let length = 0
  let memory: ArrayBuffer | undefined
  const add = (chunk: Buffer): void => {
    if (memory === undefined) chunks.push(chunk)
    else write(memory, chunk, length)
    length += chunk.length
  }
  const takeChunks = (): Buffer => {
    const bytes = Buffer.concat(chunks)
    chunks = []
    return bytes
  }
  return {
    length: () => length,
    append(chunk) {
      const fitting = chunk.subarray(0, most - length)
      if (memory === undefined && length + fitting.length > freeBytes) memory = memoryOf(takeChunks(), most)
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
      return held === undefined ? read(takeChunks()) : readFixed(held, length, read)
    },
    free() {
      chunks = []
      memory?.resize(0)
      memory = undefined
    },
  }
}

/** The step in which the memory of a large body grows. */
const step = 256 * 1024

// It takes all of `most` of the address space, but only what is written of the memory.
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

// V8 reads memory that cannot grow twice as fast, and frees it at once when it is transferred.
function readFixed<T>(memory: ArrayBuffer, length: number, read: (bytes: Buffer) => T): T {
  const fixed = memory.transferToFixedLength()
  try {
    return read(Buffer.from(fixed, 0, length))
  } finally {
    fixed.transfer(0)
  }
}
