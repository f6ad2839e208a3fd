import type { Reference } from '../image/index.ts'
import { countedFrom, type Choice, type TagReading } from '../version/index.ts'
import { type Evaluation, type PassedTag, type Waiting, judged } from './evaluation.ts'
import type { DigestCatalog, KnownTags, WantedTags, EvaluationPorts, EvaluationRequest } from './ports.ts'
import type { Claim, Lacking, Snapshot } from './proof.ts'
import { choose, type Choosable } from './remember-choices.ts'
import type { TagDigest } from './tag-source.ts'

/** An image whose tags must be known to judge it. */
export interface Subject {
  readonly image: string
  readonly reference: Reference
  readonly reading: TagReading
  readonly request: EvaluationRequest
  readonly ports: EvaluationPorts
}

/** A choice among the tags as they are known at the moment. */
export interface Round {
  readonly subject: Subject
  readonly wanted: WantedTags
  readonly known: KnownTags
  /** What was answered for it so far; nothing where missing: memory alone counts. */
  readonly answers?: Snapshot
  readonly number: number
  /** What is newer, and does not run where the image does or is too young. */
  readonly passed: readonly PassedTag[]
  /** See `Evaluation`. */
  readonly waiting?: Waiting
}

/** What memory lacks for a verdict on an image: the tags of its repository, or digests of some of them. */
export type Missing = MissingTags | MissingDigests

export interface MissingTags {
  readonly missing: 'tags'
  readonly subject: Subject
  readonly wanted: WantedTags
}

export interface MissingDigests extends Lacking {
  readonly missing: 'digests'
  /** In which they are missing: it is judged again with them. */
  readonly round: Round
  /** Which is asked for them. */
  readonly catalog: DigestCatalog
}

/** The first round, among the tags that are known. */
export function firstRound(subject: Subject, wanted: WantedTags, known: KnownTags): Round {
  return { subject, wanted, known, number: 1, passed: [] }
}

/** Tags that were deleted together are dropped one by one; a registry that lists more than it has must not cost a review its time. */
export const mostRounds = 10

/** What is chosen for the image, without what was passed over. */
export function choiceOf(round: Round): Choice {
  const { reference, request, ports } = round.subject
  return (ports.choose ?? choose)(reference.tag, tagsIn(round), request)
}

/** The tags to choose among. */
export function tagsIn({ known: { learned }, passed }: Round): Choosable {
  return passed.length === 0 ? learned : { learned, passed: passed.map(({ tag }) => tag) }
}

/** What is claimed of a tag, as far as it is told of the image. */
export function claimOf(
  { subject: { reference, request } }: Round,
  candidateTag: string,
  { verdict }: Choice,
): Claim {
  const { access, namespace, fresh } = request
  return { reference, access, namespace, fresh, candidateTag, differs: verdict === 'outdated' }
}

/** The evaluation where the choice holds. */
export function judgedIn(round: Round, choice: Choice): Evaluation {
  const { subject, known, passed, waiting } = round
  const { image, reference } = subject
  if (choice.verdict !== 'outdated') return judged(image, reference, { choice, known, passed, waiting })
  const counted = countedFrom(reference.tag ?? '', known.learned)
  const content = newestContentIn(round, choice)
  // Who has pinned an image wants the other digest together with the other tag.
  const newestDigest = reference.digest === undefined ? undefined : content?.digest
  const { source } = content ?? {}
  return judged(image, reference, { choice, known, passed, waiting, counted, newestDigest, source })
}

function newestContentIn({ subject }: Round, { newest }: Choice): TagDigest | undefined {
  const { reference, request, ports } = subject
  if (newest === undefined) return undefined
  const { registry, repository } = reference
  const { access } = request
  const wanted = { registry, repository, tag: newest, told: true, platforms: true, ...(access && { access }) }
  return ports.digests?.knownDigest(wanted)?.digest
}

/** The next round, in which the newest tag is passed over; undefined where there were enough of them. */
export function withoutNewest(
  round: Round,
  { newest }: Choice,
  reason: PassedTag['reason'],
): Round | undefined {
  const { passed, number } = round
  if (newest === undefined || number >= mostRounds) return undefined
  return { ...round, number: number + 1, passed: [...passed, { tag: newest, reason }] }
}
