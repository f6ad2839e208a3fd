import { createHmac, randomBytes } from 'node:crypto'

import type { PullCredentials } from '../../evaluation/index.ts'

/** A text that is the same for the same credentials, within this process. */
export type Fingerprint = (credentials: readonly PullCredentials[]) => string

/**
 * Fingerprints under a key that nobody knows and that ends with the process: what they stand for cannot be found by
 * guessing passwords, wherever a fingerprint may turn up. Remembered by array, as hashing at each admission would cost more
 * than the verdict.
 */
export function createFingerprint(): Fingerprint {
  const secret = randomBytes(32)
  const known = new WeakMap<readonly PullCredentials[], string>()
  return credentials => {
    const remembered = known.get(credentials)
    if (remembered !== undefined) return remembered
    // All that is sent: an identity token goes without a name and a password.
    const texts = credentials.map(({ username, password, identityToken, registryToken, configured }) => [
      username,
      password,
      identityToken,
      registryToken,
      configured,
    ])
    const fingerprint = createHmac('sha256', secret).update(JSON.stringify(texts)).digest('base64url')
    known.set(credentials, fingerprint)
    return fingerprint
  }
}
