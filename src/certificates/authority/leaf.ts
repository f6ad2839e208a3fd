import { X509Certificate, type KeyObject } from 'node:crypto'
import { checkServingPair, type ServingPair } from '../files/serving-pair.ts'
import { CertificateError } from '../x509/certificate-error.ts'
import { createKeys, pemOf } from '../x509/create-certificates.ts'

/** A new key, which never leaves the memory of this process, and the request for its certificate. */
export interface LeafRequest {
  /** PEM, PKCS#8. */
  readonly key: string
  /** PKCS#10, PEM. */
  readonly request: string
}

/** A serving pair, and when the next one is requested. */
export interface Leaf extends ServingPair {
  /** Epoch milliseconds. */
  readonly renewAt: number
}

/** Makes a key (ECDSA P-256) and requests these DNS names for it. */
export async function createLeafRequest(names: readonly string[]): Promise<LeafRequest> {
  const { writeCertificateRequest } = await import('../x509/write-request.ts')
  const keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = await createKeys()
  return { key: pemOf(keys.privateKey), request: writeCertificateRequest({ ...keys, names }) }
}

/**
 * Reads the certificate that was issued. `now` in epoch milliseconds.
 * @throws CertificateError where it is not that of the key, not for all of the names, or not valid now.
 */
export function readLeaf(
  certificate: string,
  { key, names }: { readonly key: string; readonly names: readonly string[] },
  now: number,
): Leaf {
  const what = { certificateFile: 'the issued certificate', keyFile: 'the key of the request' }
  const pair = checkServingPair(what, [certificate, key], now)
  const parsed = new X509Certificate(certificate)
  const missing = names.find(name => parsed.checkHost(name, { wildcards: false }) === undefined)
  if (missing !== undefined)
    throw new CertificateError('invalid-certificate', `the issued certificate is not for ${missing}`)
  return { ...pair, renewAt: now + ((pair.expiresAt - now) * 2) / 3 }
}
