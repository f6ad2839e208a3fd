import type { Reference } from '../image/index.ts'
import { fitnessOf, type Fitness } from './platform.ts'
import type { Access, DigestCatalog, KnownDigest, WantedDigest } from './ports.ts'
import { TagSourceError, type TagDigest } from './tag-source.ts'

/** What is claimed of a reference, and who asks. */
export interface Claim {
  readonly reference: Reference
  readonly access: Access | undefined
  /** Whose object is judged: decides when registries are asked. */
  readonly namespace: string | undefined
  /** See `WantedTags`. */
  readonly fresh: number | undefined
  /** A tag of the repository, which may be told to people. */
  readonly candidateTag: string
  /** Whether it is claimed to be something else than what the reference names. */
  readonly differs: boolean
}

/** `untold`: it exists, and only its manifest would tell whether it runs. */
export type Proof = 'exists' | 'missing' | 'same-content' | 'untold' | Exclude<Fitness, 'runs' | undefined>

/** What is known of tags at one instant; an error where it was asked in vain. A {@link DigestCatalog} is one. */
export interface Snapshot {
  knownDigest(wanted: WantedDigest): KnownDigest | TagSourceError | undefined
}

/** The digests that a proof lacks. By the last of them the others may prove needless. */
export interface Lacking {
  readonly digests: readonly [WantedDigest, ...WantedDigest[]]
}

/**
 * Whether the tag exists, and is something else that runs where the image does, where that is claimed; an error where its digest cannot be
 * had, or its platforms. What cannot be had of what the reference names is taken for something else: the list says that the tag is
 * newer, and only that counts then.
 */
export function proofOf(claim: Claim, snapshot: Snapshot): Proof | TagSourceError | Lacking {
  const told = wantedCandidate(claim)
  const found = snapshot.knownDigest(told)
  if (found instanceof TagSourceError) return found
  if (found !== undefined && isSettled(found, claim)) return proofBy(found, undefined, claim)
  if (!claim.differs) return found === undefined ? { digests: [told] } : proofBy(found, undefined, claim)
  const compared = wantedOwn(claim)
  const own = snapshot.knownDigest(compared)
  if (own === undefined) return { digests: found === undefined ? [compared, told] : [compared] }
  if (found === undefined) return { digests: [told] }
  return proofBy(found, own instanceof TagSourceError ? undefined : own.digest, claim)
}

// What is gone needs no comparison, nor does what the image is pinned to.
function isSettled({ digest }: KnownDigest, claim: Claim): boolean {
  return digest === undefined || (claim.differs && isPinnedTo(digest, claim))
}

/** The same by what is in memory; undefined where it does not show that the tag exists, or that it does not. */
export function proofInMemory(asked: Claim, digests: DigestCatalog): Proof | undefined {
  const claim = { ...asked, fresh: undefined }
  const wanted = wantedCandidate(claim)
  // Without the platforms of a manifest its existence is proven all the same.
  const found = digests.knownDigest(wanted) ?? digests.knownDigest({ ...wanted, platforms: false })
  if (found === undefined) return undefined
  if (!claim.differs) return proofBy(found, undefined, claim)
  const own = wantedOwn(claim)
  return proofBy(
    found,
    (digests.knownDigest(own) ?? digests.knownDigest({ ...own, platforms: false }))?.digest,
    claim,
  )
}

/**
 * Whether the registry has the tag of the reference itself: it may have been pushed since the list came, or be hidden from it.
 * Undefined where that cannot be known.
 */
export function hasOwnTag(claim: Claim, snapshot: Snapshot): boolean | undefined | Lacking {
  const wanted = wantedDigest(claim, claim.reference.tag ?? '')
  const known = snapshot.knownDigest(wanted)
  if (known === undefined) return { digests: [wanted] }
  return known instanceof TagSourceError ? undefined : known.digest !== undefined
}

/** The same by what is in memory. */
export function hasOwnTagInMemory(claim: Claim, digests: DigestCatalog): boolean | undefined {
  const known = digests.knownDigest(wantedDigest({ ...claim, fresh: undefined }, claim.reference.tag ?? ''))
  return known && known.digest !== undefined
}

/** What the tag of the reference stands for; undefined where that is not known, or not asked. */
type Content = TagDigest | undefined

type Building<T> = { -readonly [Key in keyof T]: T[Key] }

function wantedCandidate(claim: Claim): WantedDigest {
  const wanted = wantedDigest(claim, claim.candidateTag)
  wanted.told = true
  if (claim.differs) wanted.platforms = true
  return wanted
}

function wantedOwn(claim: Claim): WantedDigest {
  const wanted = wantedDigest(claim, claim.reference.tag ?? '')
  wanted.platforms = true
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

function proofBy({ digest }: KnownDigest, own: Content, claim: Claim): Proof {
  if (digest === undefined) return 'missing'
  if (!claim.differs) return 'exists'
  const pinned = claim.reference.digest
  if (pinned === undefined ? own !== undefined && isSame(digest, own) : isPinnedTo(digest, claim))
    return 'same-content'
  const fitness = fitnessOf(digest.platforms, { platforms: own?.platforms, digest: pinned })
  return fitness === 'runs' ? 'exists' : (fitness ?? 'untold')
}

// A reference may hold the digest of an index, or that of one of its platforms.
function isPinnedTo({ digest, platforms }: TagDigest, { reference }: Claim): boolean {
  const pinned = reference.digest
  if (pinned === undefined) return false
  return digest === pinned || (platforms instanceof Map && [...platforms.values()].includes(pinned))
}

// Two indexes of the same manifests may still differ, in what they say about them.
function isSame({ digest, platforms }: TagDigest, own: TagDigest): boolean {
  if (digest === own.digest) return true
  const others = own.platforms
  if (!(platforms instanceof Map) || !(others instanceof Map) || platforms.size === 0) return false
  return (
    platforms.size === others.size && [...platforms].every(([platform, its]) => others.get(platform) === its)
  )
}
