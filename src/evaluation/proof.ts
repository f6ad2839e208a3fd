import type { Reference } from '../image/index.ts'
import {
  TagSourceError,
  type Access,
  type DigestCatalog,
  type KnownDigest,
  type TagDigest,
  type WantedDigest,
} from './ports.ts'

/** What is claimed of a reference, and who asks. */
export interface Claim {
  readonly reference: Reference
  readonly access: Access | undefined
  /** Whose object is judged: decides when registries are asked. */
  readonly namespace: string | undefined
  /** See `WantedTags`. */
  readonly fresh: number | undefined
  /** A tag of the repository, which may be told to people. */
  readonly told: string
  /** Whether it is claimed to be something else than what the reference names. */
  readonly differs: boolean
}

export type Proof = 'exists' | 'missing' | 'same-content'

/**
 * Whether the tag exists, and is something else where that is claimed: at once where memory knows the digests. What cannot be had
 * of what the reference names is taken for something else: the list says that the tag is newer, and only that counts then.
 * @throws TagSourceError, by rejecting, where the digest of the tag cannot be had.
 */
export function proofOf(claim: Claim, digests: DigestCatalog): Proof | Promise<Proof> {
  const wanted = wantedTold(claim)
  const found = digests.knownDigest(wanted)
  if (found !== undefined && found.digest === undefined) return 'missing'
  const own = ownContent(claim, digests)
  return found === undefined || own instanceof Promise
    ? provenLater(found ?? digests.digest(wanted), own)
    : proofBy(found, own)
}

/** The same by what is in memory; undefined where it does not show that the tag exists, or that it does not. */
export function proofInMemory(asked: Claim, digests: DigestCatalog): Proof | undefined {
  const claim = { ...asked, fresh: undefined }
  const { reference, differs } = claim
  const wanted = wantedTold(claim)
  // Without the platforms of an index its existence is proven all the same.
  const found = digests.knownDigest(wanted) ?? digests.knownDigest({ ...wanted, platforms: false })
  if (found === undefined) return undefined
  if (!differs) return proofBy(found, undefined)
  return proofBy(
    found,
    reference.digest ?? digests.knownDigest(wantedDigest(claim, reference.tag ?? ''))?.digest,
  )
}

/**
 * Whether the registry has the tag of the reference itself: it may have been pushed since the list came, or be hidden from it.
 * Undefined where that cannot be known.
 */
export function hasOwnTag(
  claim: Claim,
  digests: DigestCatalog,
): boolean | undefined | Promise<boolean | undefined> {
  const wanted = wantedDigest(claim, claim.reference.tag ?? '')
  const known = digests.knownDigest(wanted)
  if (known !== undefined) return known.digest !== undefined
  return digests.digest(wanted).then(({ digest }) => digest !== undefined, unlessKnown)
}

/** The same by what is in memory. */
export function hasOwnTagInMemory(claim: Claim, digests: DigestCatalog): boolean | undefined {
  const known = digests.knownDigest(wantedDigest({ ...claim, fresh: undefined }, claim.reference.tag ?? ''))
  return known && known.digest !== undefined
}

/** What the reference names: a digest that it has itself, or what its tag stands for; undefined where that is not asked. */
type Content = TagDigest | string | undefined

function ownContent(claim: Claim, digests: DigestCatalog): Content | Promise<Content> {
  const { reference, differs } = claim
  if (!differs || reference.digest !== undefined) return differs ? reference.digest : undefined
  const wanted = wantedDigest(claim, reference.tag ?? '')
  const known = digests.knownDigest(wanted)
  return known === undefined ? digests.digest(wanted).then(contentOf, unlessKnown) : known.digest
}

function contentOf({ digest }: KnownDigest): Content {
  return digest
}

function unlessKnown(error: unknown): undefined {
  if (!(error instanceof TagSourceError)) throw error
}

async function provenLater(
  found: KnownDigest | Promise<KnownDigest>,
  own: Content | Promise<Content>,
): Promise<Proof> {
  const both = Promise.all([found, own])
  both.catch(() => undefined) // told below, unless what is gone needs no comparison
  return (await found).digest === undefined ? 'missing' : proofBy(...(await both))
}

type Building<T> = { -readonly [Key in keyof T]: T[Key] }

function wantedTold(claim: Claim): WantedDigest {
  const wanted = wantedDigest(claim, claim.told)
  wanted.told = true
  // A pinned image may be pinned to what one platform of an index runs.
  if (claim.differs && claim.reference.digest !== undefined) wanted.platforms = true
  return wanted
}

// Built by hand: this is made for each outdated image of each review.
function wantedDigest({ reference, access, namespace, fresh }: Claim, tag: string): Building<WantedDigest> {
  const { registry, repository } = reference
  const wanted: Building<WantedDigest> = { registry, repository, tag }
  if (access !== undefined) wanted.access = access
  if (namespace !== undefined) wanted.namespace = namespace
  if (fresh !== undefined) wanted.fresh = fresh
  return wanted
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
