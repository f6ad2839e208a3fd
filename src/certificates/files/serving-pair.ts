import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { CertificateError } from '../x509/certificate-error.ts'
import { readBounded, reasonOf, watchFiles, type FilesWatch, type WatchedFiles } from './watch-files.ts'

/** The PEM files of a serving pair. The certificate file may hold the chain after the server's own certificate. */
export interface ServingFiles {
  readonly certificateFile: string
  readonly keyFile: string
}

/** A pair whose key and certificate match and which is valid at the time it was read. */
export interface ServingPair {
  readonly certificate: string
  readonly key: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * Reads and checks a pair. `now` in epoch milliseconds. Throws CertificateError that names the file and the reason.
 */
export async function readServingPair(files: ServingFiles, now: number = Date.now()): Promise<ServingPair> {
  try {
    return checkServingPair(files, await readPair(files), now)
  } catch (error) {
    if (!(error instanceof CertificateError) || error.code !== 'mismatch') throw error
    // Kubernetes swaps a volume's files between our two reads now and then: what is there now is one pair again.
    return checkServingPair(files, await readPair(files), now)
  }
}

async function readPair(files: ServingFiles): Promise<readonly [certificate: string, key: string]> {
  return [await readBounded(files.certificateFile), await readBounded(files.keyFile)]
}

/**
 * Checks a pair in PEM. `now` in epoch milliseconds; the names are those of its parts in messages.
 * @throws CertificateError that names the part and the reason.
 */
export function checkServingPair(
  files: ServingFiles,
  [certificate, key]: readonly [string, string],
  now: number,
): ServingPair {
  const parsed = parseCertificate(files.certificateFile, certificate)
  if (!parsed.checkPrivateKey(parseKey(files.keyFile, key))) {
    throw new CertificateError('mismatch', `${files.keyFile}: not the key of ${files.certificateFile}`)
  }
  const expiresAt = Date.parse(parsed.validTo)
  if (now >= expiresAt) {
    throw new CertificateError('expired', `${files.certificateFile}: expired at ${iso(expiresAt)}`)
  }
  const startsAt = Date.parse(parsed.validFrom)
  if (now < startsAt) {
    throw new CertificateError('not-yet-valid', `${files.certificateFile}: not valid before ${iso(startsAt)}`)
  }
  assertServable(files.certificateFile, certificate, key)
  return { certificate, key, expiresAt }
}

/** The TLS library has the last word: a broken chain after the first certificate, or a key that it finds too small. */
function assertServable(file: string, cert: string, key: string): void {
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new CertificateError('invalid-certificate', `${file}: TLS refuses it (${reasonOf(cause)})`, {
      cause,
    })
  }
}

function parseCertificate(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new CertificateError('invalid-certificate', `${file}: not a PEM certificate`, { cause })
  }
}

function parseKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    // Without its cause: what OpenSSL says differs by version, and no part of a key may reach a log.
    throw new CertificateError('invalid-key', `${file}: not a PEM private key without a passphrase`)
  }
}

const iso = (instant: number): string => new Date(instant).toISOString()

/** The files to watch, and what is called when they change. */
export interface ServingPairWatch
  extends ServingFiles, Pick<FilesWatch<ServingPair>, 'onChange' | 'onProblem' | 'intervalMilliseconds'> {}

/** A running watch. */
export type WatchedServingPair = WatchedFiles<ServingPair>

/** Reads the pair, then looks for a new one. Throws CertificateError if there is no usable pair to begin with. */
export function watchServingPair(watch: ServingPairWatch): Promise<WatchedServingPair> {
  return watchFiles({
    ...watch,
    read: () => readServingPair(watch),
    isSame: (one, other) => one.certificate === other.certificate && one.key === other.key,
  })
}
