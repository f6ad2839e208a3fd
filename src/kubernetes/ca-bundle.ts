import { X509Certificate } from 'node:crypto'

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g

/**
 * The bundle (PEM) that trusts `authority` first, and after it the one that `current` trusted first, while that is
 * valid at `now` (epoch milliseconds). With both, connections survive a rotation: replicas read the new serving pair
 * up to two minutes after it is written. The one before those is dropped.
 */
export function nextBundle(current: string, authority: string, now: number): string {
  const own = withNewline(authority)
  const earlier = (current.match(pemCertificate) ?? []).map(withNewline)
  const previous = earlier.find(pem => pem !== own && isValid(pem, now))
  return previous === undefined ? own : own + previous
}

/** Whether the API server would take it as an authority now (`now` in epoch milliseconds). */
export function isAuthority(pem: string, now: number): boolean {
  return isValid(pem, now) && new X509Certificate(pem).ca
}

const withNewline = (pem: string): string => `${pem.trim()}\n`

function isValid(pem: string, now: number): boolean {
  try {
    return now < Date.parse(new X509Certificate(pem).validTo)
  } catch {
    // What cannot be read as a certificate is trusted by nobody; the API server would refuse the bundle with it.
    return false
  }
}
