export type CertificateErrorCode =
  | 'invalid-input' // what was asked for cannot be certified
  | 'missing' // a file is not there
  | 'unreadable' // a file cannot be read
  | 'too-large' // a file is larger than any certificate or key
  | 'invalid-certificate' // a file holds no certificate
  | 'invalid-key' // a file holds no private key
  | 'mismatch' // certificate and key do not belong together
  | 'expired' // the certificate is past its end
  | 'not-yet-valid' // the certificate is before its beginning
  | 'invalid-request' // a request for a certificate that cannot be signed
  | 'invalid-authority' // the Secret of the authority holds nothing to sign with
  | 'invalid-path' // the secret path of the webhook cannot be part of a URL

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
