import {
  TagSourceError,
  type Access,
  type DigestCatalog,
  type Evaluation,
  type KnownDigest,
  type TimeLimit,
  type TagDigest,
  type WantedDigest,
} from '../evaluation/index.ts'
import { impliedTag, type Reference } from '../image/index.ts'
import type { RunningImage } from '../inventory/index.ts'

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

/** What is wrong with the workload's annotation, if anything. */
export function movedTagsProblem(
  annotations: Readonly<Record<string, string>>,
  fallback: MovedTags,
): string | undefined {
  const value = Object.hasOwn(annotations, movedTagsAnnotation) ? annotations[movedTagsAnnotation] : undefined
  if (value === undefined || movedTagsChoices.some(choice => choice === value)) return undefined
  return `annotation ${movedTagsAnnotation}=${value.slice(0, 20)} is none of ${movedTagsChoices.join(', ')}: ${fallback} applies`
}

interface Beside {
  readonly evaluation: Evaluation
  readonly access: Access
  readonly digests: DigestCatalog
  readonly timeLimit: TimeLimit
  readonly startedAt: number
  /** How long it may be waited for, in milliseconds. */
  left(): number
}

/**
 * Whether a pod runs another digest than its tag stands for now. A registry is asked only about tags that are made to
 * move; of the others what is known anyway is compared. An image pinned by digest does not follow its tag.
 */
export async function hasMoved(image: RunningImage, beside: Beside): Promise<boolean> {
  const { access, digests, startedAt } = beside
  const { reference, verdict } = beside.evaluation
  const tag = followedTag(reference)
  if (reference === undefined || tag === undefined || image.digests.length === 0) return false
  const wanted = { ...reference, tag, access }
  const known = verdict === 'floating' ? await lately(wanted, beside) : digests.knownDigest(wanted)
  if (known === undefined || agrees(image, known)) return false
  // A runtime may report the digest of its platform's manifest; what the index holds is asked for where that is no pull.
  const whole = await asked({ ...wanted, platforms: true, fresh: startedAt }, beside)
  return whole !== undefined && !agrees(image, whole)
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
  const present = new Set([digest, ...(platforms instanceof Map ? platforms.values() : [])])
  return running.every(own => present.has(own))
}

// What is due is asked for; where that takes too long, what is held counts.
async function lately(wanted: WantedDigest, beside: Beside): Promise<KnownDigest | undefined> {
  const { digests, startedAt } = beside
  const recent = { ...wanted, fresh: startedAt }
  return digests.knownDigest(recent) ?? (await asked(recent, beside)) ?? digests.knownDigest(wanted)
}

// What cannot be had today is compared tomorrow.
async function asked(wanted: WantedDigest, beside: Beside): Promise<KnownDigest | undefined> {
  try {
    return await beside.timeLimit.wait(beside.digests.digest(wanted), beside.left())
  } catch (error) {
    if (error instanceof TagSourceError) return undefined
    throw error
  }
}
