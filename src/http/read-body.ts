import type { IncomingMessage } from 'node:http'

export type UnreadableBodyCode = 'wrong-content-type' | 'too-large' | 'aborted' | 'no-room' | 'too-slow'

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

/** How much of a body that is too large is still read, as a multiple of the limit. */
const drainFactor = 4

/** What a body may take: bytes, milliseconds, and room that it shares with others. */
export interface BodyLimits {
  readonly bytes: number
  readonly timeout: number
  /** Takes so many bytes more; false where there is no room for them. */
  take(bytes: number): boolean
}

/**
 * The body of a request for JSON. One that is too large, or for which there is no room, is read to its end and dropped (up
 * to a point): a client that is still sending would not see the answer.
 * @throws UnreadableBodyError
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  if (!json.test(request.headers['content-type'] ?? ''))
    throw new UnreadableBodyError('wrong-content-type', 'the content type is not application/json')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let refused: UnreadableBodyError | undefined
    const timer = setTimeout(() => {
      refused = new UnreadableBodyError('too-slow', `the body took longer than ${limits.timeout} ms`)
      chunks.length = 0
      reject(refused)
    }, limits.timeout)
    request.on('close', () => clearTimeout(timer))
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      refused ??= refusalOf(length, chunk.length, limits)
      if (refused === undefined) chunks.push(chunk)
      else chunks.length = 0
      if (refused !== undefined && length > limits.bytes * drainFactor) reject(refused)
    })
    request.on('end', () => {
      clearTimeout(timer)
      const [first = Buffer.alloc(0)] = chunks
      if (refused !== undefined) reject(refused)
      else resolve(chunks.length <= 1 ? first : Buffer.concat(chunks, length))
    })
    request.on('error', () => {
      reject(new UnreadableBodyError('aborted', 'the request ended before its body'))
    })
  })
}

function refusalOf(length: number, more: number, limits: BodyLimits): UnreadableBodyError | undefined {
  if (length > limits.bytes)
    return new UnreadableBodyError('too-large', `the body is larger than ${limits.bytes} bytes`)
  return limits.take(more) ? undefined : new UnreadableBodyError('no-room', 'too many reviews at once')
}
