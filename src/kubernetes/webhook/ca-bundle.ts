import { X509Certificate } from 'node:crypto'

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g

// A person who is not sure that it worked runs it again, while replicas still serve the pair of two rotations ago: they
// read a new one up to two minutes after it is written.
const mostAuthorities = 5

/**
 * The bundle (PEM) that trusts `authority` first, and after it those that `current` trusts and that are valid at `now`
 * (epoch milliseconds), the newest first and at most five in all: connections survive several rotations in a row.
 */
export function nextBundle(current: string, authority: string, now: number): string {
  const own = withNewline(authority)
  const earlier = (current.match(pemCertificate) ?? []).map(withNewline)
  const kept = earlier.filter(pem => pem !== own && isValid(pem, now))
  return [own, ...new Set(kept)].slice(0, mostAuthorities).join('')
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
