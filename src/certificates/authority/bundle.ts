import { X509Certificate } from 'node:crypto'
import { ownName, validityOf } from './authority.ts'

/** The certificate of an authority in a bundle. Instants in epoch milliseconds. */
export interface TrustedCertificate {
  /** PEM, as it is written by us. */
  readonly certificate: string
  readonly startsAt: number
  readonly expiresAt: number
  /** Its name is one that Patchline gives. */
  readonly isOurs: boolean
}

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
// Other writers fill it too. A bundle that is larger is not looked into.
const mostCharacters = 262_144

/** The authorities of a bundle (PEM), each once, in its order. What cannot be read as one is left out. */
export function authoritiesIn(bundle: string): readonly TrustedCertificate[] {
  if (bundle.length > mostCharacters) return []
  const found = (bundle.match(pem) ?? []).flatMap(text => trusted(text) ?? [])
  return [...new Map(found.map(one => [one.certificate, one])).values()]
}

/** An authority's certificate (PEM); undefined where it is none. */
export function trusted(text: string): TrustedCertificate | undefined {
  try {
    const parsed = new X509Certificate(text)
    if (!parsed.ca) return undefined
    return { certificate: parsed.toString(), ...validityOf(parsed), isOurs: ownName(parsed) !== undefined }
  } catch {
    return undefined
  }
}
