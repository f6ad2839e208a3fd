import { createReadStream } from 'node:fs'
import { CertificateError } from './certificate-error.ts'

/** Kubernetes keeps a Secret below 1 MiB; a file beyond that is no certificate, and PEM parsing is not free. */
const mostBytes = 1_048_576
/** A local file answers in milliseconds; a hung mount must not hold the reader for ever. */
const readTimeLimit = 5_000

/**
 * The text of a file that may be as large as a Secret.
 * @throws CertificateError `missing`, `unreadable` or `too-large`, which names the file.
 */
export async function readBounded(file: string): Promise<string> {
  const chunks: Buffer[] = []
  try {
    const signal = AbortSignal.timeout(readTimeLimit)
    // One byte beyond the limit tells a file at the limit from one that goes on.
    for await (const chunk of createReadStream(file, { end: mostBytes, signal })) {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    }
  } catch (error) {
    throw unreadable(file, error)
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.length <= mostBytes) return bytes.toString('utf8')
  throw new CertificateError('too-large', `${file}: more than ${mostBytes} bytes`)
}

function unreadable(file: string, cause: unknown): CertificateError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
  if (missing) return new CertificateError('missing', `${file}: no such file`, { cause })
  return new CertificateError('unreadable', `${file}: ${reasonOf(cause)}`, { cause })
}

/** What went wrong, in the words of the system or of the TLS library. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
