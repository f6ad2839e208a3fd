/**
 * `invalid-input`: what was asked for cannot be certified; the others are about a pair read from files.
 */
export type CertificateErrorCode =
  | 'invalid-input'
  | 'missing'
  | 'unreadable'
  | 'too-large'
  | 'invalid-certificate'
  | 'invalid-key'
  | 'mismatch'
  | 'expired'
  | 'not-yet-valid'

/** A certificate that cannot be made or used. The message names the file or value and never holds key material. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
