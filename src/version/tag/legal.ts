/** The characters of the longest legal tag. */
export const longestTag = 128

const legal = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Whether the text may be a tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (OCI distribution specification, "Pulling manifests"). */
export function isLegalTag(tag: string): boolean {
  return legal.test(tag)
}

// Cosign's `sha256-<hex>.sig`, and the referrers fallback of the distribution specification (`sha256-<hex>`).
const artefact = /^sha(?:256|512)-[0-9a-f]{32,}|\.(?:sig|att|sbom)$/

/** Whether a tag names a signature, an attestation or the like, and no image. */
export function isArtefact(tag: string): boolean {
  return (tag.includes('.') || tag.startsWith('sha')) && artefact.test(tag)
}

/** Whether the code is that of an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Whether the code is that of an ASCII letter. */
export function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}

const [dash, dot] = [45, 46]
const legalBytes = new Uint8Array(256)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-')
  legalBytes[character.charCodeAt(0)] = 1

/** Whether a stretch of bytes is a legal tag; the same as {@link isLegalTag}, without a string. */
export function isLegalStretch(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]
  if (end <= start || end - start > longestTag || first === dash || first === dot) return false
  for (let at = start; at < end; at++) if (legalBytes[bytes[at] ?? 0] !== 1) return false
  return true
}
