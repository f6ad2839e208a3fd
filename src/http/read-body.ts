import type { IncomingMessage, ServerResponse } from 'node:http'
import { createBodyBuffer, type BodyBuffer } from './body-buffer.ts'

export type UnreadableBodyCode =
  | 'wrong-content-type' // not JSON by its header
  | 'aborted' // the connection ended before the body
  | 'no-room' // there are as many bodies in memory as may be
  | 'too-slow' // the body took too long

/** The body of a request could not be had. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError'
  readonly code: UnreadableBodyCode

  constructor(code: UnreadableBodyCode, message: string) {
    super(message)
    this.code = code
  }
}

const json = /^application\/json\s*(?:;|$)/i

/** What is kept of a body that is too large: who asks for what stands in its first kilobytes. */
const headBytes = 1024 * 1024

/** What a body may take. */
export interface BodyLimits {
  readonly bytes: number
  /** Milliseconds. */
  readonly timeout: number
}

/** Takes room for so many bytes in all; false where there is none. */
export type TakeRoom = (bytes: number) => boolean

/** The body of a request, or the beginning of one that is too large. */
export interface ReceivedBody {
  readonly buffer: BodyBuffer
  readonly isWhole: boolean
}

/** Reads the body of one request. */
export interface BodyReader {
  /**
   * The body of a request for JSON. Of one that is too large the beginning is kept. What is not wanted is not read either:
   * {@link closeUnread} ends its connection.
   * @throws UnreadableBodyError where it cannot be had, and a beginning neither.
   */
  readonly read: (take: TakeRoom) => Promise<ReceivedBody>
  /** Ends the reading, if it goes on: the room is for others. */
  readonly giveWay: () => void
}

/** Creates a reader. Without AbortSignals: those of a request would live until a collection of the whole heap. */
export function createBodyReader(request: IncomingMessage, { bytes, timeout }: BodyLimits): BodyReader {
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedBody>()
  const buffer = createBodyBuffer(bytes)
  let length = 0
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const end = (): void => {
    isOver = true
    clearTimeout(timer)
    if (!request.complete) request.pause() // what is not wanted stays where it is
  }
  const fail = (code: UnreadableBodyCode, message: string): void => {
    if (isOver) return
    end()
    buffer.free()
    reject(new UnreadableBodyError(code, message))
  }
  const receive = (): void => {
    end()
    const isWhole = length <= bytes
    if (!isWhole) buffer.truncate(headBytes)
    resolve({ buffer, isWhole })
  }
  const giveWay = (): void => fail('no-room', 'too many reviews at once')
  const read = (take: TakeRoom): Promise<ReceivedBody> => {
    checkContentType(request)
    timer = setTimeout(() => fail('too-slow', `the body took longer than ${timeout} ms`), timeout)
    request.on('data', (chunk: Buffer) => {
      if (isOver) return
      length += chunk.length
      if (!take(Math.min(length, bytes))) return giveWay()
      buffer.append(chunk)
      if (length > bytes) receive()
    })
    request.on('end', receive)
    request.on('error', () => fail('aborted', 'the request ended before its body'))
    return promise
  }
  return { read, giveWay }
}

function checkContentType({ headers }: IncomingMessage): void {
  if (!json.test(headers['content-type'] ?? ''))
    throw new UnreadableBodyError('wrong-content-type', 'the content type is not application/json')
}

/** How long a client that is still sending has to see its answer, in milliseconds. */
const lingering = 500

/**
 * Ends the connection of a request whose body was not read to its end, once it is answered: Go's client reads an answer while it
 * sends, and with the connection closed at once it might not. Does nothing where the body was read.
 */
export function closeUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return
  response.once('finish', () => setTimeout(() => request.socket.destroy(), lingering).unref())
}
