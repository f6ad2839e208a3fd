import type { IncomingMessage } from 'node:http'

export type UnreadableBodyCode = 'wrong-content-type' | 'too-large' | 'aborted'

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
const patienceFactor = 4

/**
 * The body of a request for JSON, at most `limit` bytes. One that is larger is read to its end and dropped (up to a
 * point): a client that is still sending would not see the answer.
 * @throws UnreadableBodyError
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (!json.test(request.headers['content-type'] ?? ''))
    throw new UnreadableBodyError('wrong-content-type', 'the content type is not application/json')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const refuse = (): void => {
      reject(new UnreadableBodyError('too-large', `the body is larger than ${limit} bytes`))
    }
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= limit) chunks.push(chunk)
      else chunks.length = 0
      if (length > limit * patienceFactor) refuse()
    })
    request.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks
      if (length > limit) refuse()
      else resolve(chunks.length <= 1 ? first : Buffer.concat(chunks, length))
    })
    request.on('error', () => {
      reject(new UnreadableBodyError('aborted', 'the request ended before its body'))
    })
  })
}
