import {
  TagSourceError,
  type Access,
  type DigestCatalog,
  type Evaluation,
  type KnownDigest,
  type TagDigest,
  type WantedDigest,
} from '../evaluation/index.ts'
import { impliedTag, type Reference } from '../image/index.ts'
import type { RunningImage } from './inventory.ts'

/** What it is that pods run another content than their tag stands for now. */
export const movedTagsChoices = ['finding', 'information'] as const
export type MovedTags = (typeof movedTagsChoices)[number]

/** The annotation that says so for one workload. */
export const movedTagsAnnotation = 'patchline.dev/moved-tags'

/** What the workload's annotation says, else the default. */
export function movedTagsOf(annotations: Readonly<Record<string, string>>, fallback: MovedTags): MovedTags {
  const value = Object.hasOwn(annotations, movedTagsAnnotation) ? annotations[movedTagsAnnotation] : undefined
  return movedTagsChoices.find(choice => choice === value) ?? fallback
}

interface Beside {
  readonly evaluation: Evaluation
  readonly access: Access
  readonly digests: DigestCatalog
}

/**
 * Whether a pod runs another digest than its tag stands for now. A registry is asked only about tags that are made to
 * move; of the others what is known anyway is compared. An image pinned by digest does not follow its tag.
 */
export async function hasMoved(
  image: RunningImage,
  { evaluation, access, digests }: Beside,
): Promise<boolean> {
  const { reference, verdict } = evaluation
  const tag = followedTag(reference)
  if (reference === undefined || tag === undefined || image.digests.length === 0) return false
  const wanted = { ...reference, tag, access }
  const known =
    digests.knownDigest(wanted) ?? (verdict === 'floating' ? await asked(digests, wanted) : undefined)
  if (known === undefined || agrees(image, known)) return false
  // A runtime may report the digest of its platform's manifest; what the index holds is asked for where that is no pull.
  const whole = await asked(digests, { ...wanted, platforms: true })
  return whole === undefined || !agrees(image, whole)
}

function followedTag(reference: Reference | undefined): string | undefined {
  return reference === undefined || reference.digest !== undefined ? undefined : impliedTag(reference)
}

// A tag that is gone disagrees with nothing.
function agrees({ digests }: RunningImage, { digest }: KnownDigest): boolean {
  return digest === undefined || isAmong(digests, digest)
}

// The kubelet reports the digest of the index or that of its platform's manifest, as the container runtime has it.
function isAmong(running: readonly string[], { digest, platforms }: TagDigest): boolean {
  const present = new Set([digest, ...(platforms?.values() ?? [])])
  return running.every(own => present.has(own))
}

// What cannot be had today is compared tomorrow.
async function asked(digests: DigestCatalog, wanted: WantedDigest): Promise<KnownDigest | undefined> {
  try {
    return await digests.digest(wanted)
  } catch (error) {
    if (error instanceof TagSourceError) return undefined
    throw error
  }
}
