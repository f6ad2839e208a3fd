import { X509Certificate, createPrivateKey } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** A serving certificate (the chain may follow it) and its key, in PEM. */
export interface PemPair {
  readonly certificate: string
  readonly key: string
}

export type ServingPairErrorCode =
  | 'invalid-certificate' // TLS cannot use the certificate
  | 'invalid-key' // TLS cannot use the key
  | 'mismatch' // they do not belong together

/** The pair cannot serve TLS. Neither message nor cause holds any part of the key. */
export class ServingPairError extends Error {
  override readonly name = 'ServingPairError'
  readonly code: ServingPairErrorCode

  constructor(code: ServingPairErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * What TLS is served with.
 * @throws ServingPairError where the pair cannot serve: an empty or swapped one would otherwise fail only at each handshake.
 */
export function tlsSettings({ certificate, key }: PemPair): SecureContextOptions {
  const parsed = attempt(
    'invalid-certificate',
    'not a PEM certificate',
    () => new X509Certificate(certificate),
  )
  const privateKey = attempt('invalid-key', 'not a PEM private key', () => createPrivateKey(key))
  if (!parsed.checkPrivateKey(privateKey))
    throw new ServingPairError('mismatch', 'not the key of the certificate')
  const settings = { cert: certificate, key, minVersion: 'TLSv1.2' } as const
  attempt('invalid-certificate', 'TLS refuses the certificate', () => createSecureContext(settings))
  return settings
}

function attempt<T>(code: ServingPairErrorCode, message: string, make: () => T): T {
  try {
    return make()
  } catch {
    throw new ServingPairError(code, message)
  }
}
