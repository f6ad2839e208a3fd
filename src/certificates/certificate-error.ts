/**
 * `invalid-input`: what was asked for cannot be certified; the others are about what is read from files.
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
  | 'invalid-path'

/**
 * A certificate that cannot be made or used, or the secret path beside it. The message names the file or value and never
 * holds key material or a path of the webhook.
 */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
