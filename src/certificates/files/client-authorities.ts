import { X509Certificate } from 'node:crypto'
import { CertificateError } from '../x509/certificate-error.ts'
import { readBounded, watchFiles, type FilesWatch, type WatchedFiles } from './watch-files.ts'

/** The file of the CAs of client certificates, and what is called when it changes. */
export interface ClientAuthoritiesWatch extends Pick<
  FilesWatch<string>,
  'onChange' | 'onProblem' | 'intervalMilliseconds'
> {
  readonly file: string
}

/**
 * Watches the CAs (PEM) one of which must have signed the API server's client certificate.
 * @throws CertificateError where the file holds none to begin with.
 */
export function watchClientAuthorities(watch: ClientAuthoritiesWatch): Promise<WatchedFiles<string>> {
  return watchFiles({
    ...watch,
    read: () => readClientAuthorities(watch.file, Date.now()),
    isSame: (one, other) => one === other,
  })
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/**
 * The authorities (PEM) of a file that are valid at `now` (epoch milliseconds); comments between them are left out.
 * @throws CertificateError, also where one is no authority: with the client's own certificate every call would fail.
 */
export async function readClientAuthorities(file: string, now: number): Promise<string> {
  const found = (await readBounded(file)).match(pemCertificate) ?? []
  if (found.length === 0) throw new CertificateError('invalid-certificate', `${file}: no PEM certificate`)
  const parsed = found.map((pem, at) => parseAuthority(pem, `${file}: certificate ${at + 1}`))
  const valid = found.filter((_, at) => now < Date.parse(parsed[at]?.validTo ?? ''))
  if (valid.length === 0) throw new CertificateError('expired', `${file}: every authority has expired`)
  return `${valid.join('\n')}\n`
}

function parseAuthority(pem: string, what: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem)
    if (certificate.ca) return certificate
  } catch (cause) {
    throw new CertificateError('invalid-certificate', `${what} cannot be read`, { cause })
  }
  throw new CertificateError('invalid-certificate', `${what} is not that of an authority`)
}
