import type { Reference } from '../image/index.ts'
import type { Access, DigestCatalog, KnownDigest, TagDigest, WantedDigest } from './ports.ts'

/** What is claimed of a reference, and who asks. */
export interface Claim {
  readonly reference: Reference
  readonly access: Access | undefined
  /** A tag of the repository, which may be told to people. */
  readonly told: string
  /** Whether it is claimed to be something else than what the reference names. */
  readonly differs: boolean
}

export type Proof = 'exists' | 'missing' | 'same-content'

/**
 * Whether the tag exists, and is something else where that is claimed: at once where memory knows the digests.
 * @throws TagSourceError, by rejecting, where a digest cannot be had.
 */
export function proofOf(claim: Claim, digests: DigestCatalog): Proof | Promise<Proof> {
  const told = wantedDigest(claim, claim.told)
  // A pinned image may be pinned to what one platform of an index runs.
  const isPinned = claim.differs && claim.reference.digest !== undefined
  const wanted = isPinned ? { ...told, platforms: true } : told
  const found = digests.knownDigest(wanted)
  if (found !== undefined && found.digest === undefined) return 'missing'
  const own = ownContent(claim, digests)
  return found === undefined || own instanceof Promise
    ? provenLater(found ?? digests.digest(wanted), own)
    : proofBy(found, own)
}

/** What the reference names: a digest that it has itself, or what its tag stands for; undefined where that is not asked. */
type Content = TagDigest | string | undefined

function ownContent(claim: Claim, digests: DigestCatalog): Content | Promise<Content> {
  const { reference, differs } = claim
  if (!differs || reference.digest !== undefined) return differs ? reference.digest : undefined
  const wanted = wantedDigest(claim, reference.tag ?? '')
  const known = digests.knownDigest(wanted)
  return known === undefined ? digests.digest(wanted).then(({ digest }) => digest) : known.digest
}

async function provenLater(
  found: KnownDigest | Promise<KnownDigest>,
  own: Content | Promise<Content>,
): Promise<Proof> {
  return proofBy(...(await Promise.all([found, own])))
}

// Built by hand: this is made for each outdated image of each review.
function wantedDigest({ reference, access }: Claim, tag: string): WantedDigest {
  const { registry, repository } = reference
  return access === undefined ? { registry, repository, tag } : { registry, repository, tag, access }
}

function proofBy({ digest }: KnownDigest, own: Content): Proof {
  if (digest === undefined) return 'missing'
  return own !== undefined && hasContent(digest, own) ? 'same-content' : 'exists'
}

// A reference may hold the digest of an index, or that of one of its platforms. Two indexes of the same manifests may
// still differ, in what they say about them.
function hasContent({ digest, platforms }: TagDigest, own: TagDigest | string): boolean {
  if (typeof own === 'string') return digest === own || [...(platforms?.values() ?? [])].includes(own)
  if (digest === own.digest) return true
  if (platforms === undefined || own.platforms === undefined || platforms.size === 0) return false
  const others = own.platforms
  return (
    platforms.size === others.size && [...platforms].every(([platform, its]) => others.get(platform) === its)
  )
}
