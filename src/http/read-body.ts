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
  readonly bytes: Buffer
  readonly isWhole: boolean
}

/**
 * The body of a request for JSON. Of one that is too large the beginning is kept, and the rest read and dropped, up to a point:
 * a client that is still sending would not see the answer.
 * @throws UnreadableBodyError where it cannot be had, and a beginning neither.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReceivedBody> {
  if (!json.test(request.headers['content-type'] ?? ''))
    throw new UnreadableBodyError('wrong-content-type', 'the content type is not application/json')
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedBody>()
  const { timeout, signal } = limits
  const parts = createParts(limits)
  const fail = (code: UnreadableBodyCode, message: string): void => {
    parts.drop()
    reject(new UnreadableBodyError(code, message))
  }
  const timer = setTimeout(() => fail('too-slow', `the body took longer than ${timeout} ms`), timeout)
  const giveWay = (): void => fail('no-room', 'too many reviews at once')
  signal.addEventListener('abort', giveWay, { once: true })
  request.on('close', () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveWay)
  })
  request.on('data', (chunk: Buffer) => {
    if (!parts.add(chunk)) giveWay()
    if (parts.length() > limits.bytes * drainFactor)
      fail('too-large', `the body is larger than ${limits.bytes} bytes`)
  })
  request.on('end', () => resolve(parts.joined()))
  request.on('error', () => fail('aborted', 'the request ended before its body'))
  return promise
}

/** The parts of a body as they come. */
interface Parts {
  /** False where there is no room for it. */
  add(chunk: Buffer): boolean
  /** Of all that came, whether it was kept or not. */
  length(): number
  joined(): ReceivedBody
  /** Holds nothing from now on. */
  drop(): void
}

function createParts({ bytes: most, take }: BodyLimits): Parts {
  let chunks: Buffer[] = []
  let length = 0
  let isDropped = false
  const keepHead = (): void => {
    chunks = [Buffer.concat(chunks).subarray(0, headBytes)]
    isDropped = true
  }
  return {
    length: () => length,
    add(chunk) {
      length += chunk.length
      if (isDropped) return true
      if (!take(Math.min(length, most))) return false
      chunks.push(chunk)
      if (length > most) keepHead()
      return true
    },
    joined() {
      const [first = Buffer.alloc(0)] = chunks
      return { bytes: chunks.length <= 1 ? first : Buffer.concat(chunks), isWhole: length <= most }
    },
    drop() {
      chunks = []
      isDropped = true
    },
  }
}
