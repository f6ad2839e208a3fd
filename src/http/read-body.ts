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
  /** Takes room for so many bytes in all; false where there is none. */
  readonly take: (bytes: number) => boolean
  /** Aborts where the body has to give way to others. */
  readonly signal: AbortSignal
}

/** The body of a request, or the beginning of one that is too large. */
export interface ReceivedBody {
  readonly buffer: BodyBuffer
  readonly isWhole: boolean
}

/**
 * The body of a request for JSON. Of one that is too large the beginning is kept. What is not wanted is not read either:
 * {@link closeUnread} ends its connection.
 * @throws UnreadableBodyError where it cannot be had, and a beginning neither.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReceivedBody> {
  if (!json.test(request.headers['content-type'] ?? ''))
    throw new UnreadableBodyError('wrong-content-type', 'the content type is not application/json')
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedBody>()
  const { timeout, signal } = limits
  const buffer = createBodyBuffer(limits.bytes)
  let length = 0
  const ended = endOf(request)
  const fail = (code: UnreadableBodyCode, message: string): void => {
    if (ended.signal.aborted) return
    ended.abort()
    buffer.free()
    reject(new UnreadableBodyError(code, message))
  }
  const receive = (): void => {
    ended.abort()
    const isWhole = length <= limits.bytes
    if (!isWhole) buffer.truncate(headBytes)
    resolve({ buffer, isWhole })
  }
  const giveWay = (): void => fail('no-room', 'too many reviews at once')
  const timer = setTimeout(() => fail('too-slow', `the body took longer than ${timeout} ms`), timeout)
  ended.signal.addEventListener('abort', () => clearTimeout(timer))
  signal.addEventListener('abort', giveWay, { once: true, signal: ended.signal })
  request.on('data', (chunk: Buffer) => {
    if (ended.signal.aborted) return
    length += chunk.length
    if (!limits.take(Math.min(length, limits.bytes))) return giveWay()
    buffer.append(chunk)
    if (length > limits.bytes) receive()
  })
  request.on('end', receive)
  request.on('error', () => fail('aborted', 'the request ended before its body'))
  return promise
}

/** Aborted where no more of a body is wanted: the rest stays where it is. */
function endOf(request: IncomingMessage): AbortController {
  const ended = new AbortController()
  ended.signal.addEventListener('abort', () => void request.pause())
  return ended
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
