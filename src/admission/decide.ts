import type { AdmissionResponse } from '../api/index.ts'
import type { ResolvedPolicy } from '../policy/index.ts'
import type { DueImage, Duties } from './duties.ts'
import { auditAnnotationsOf, refusalOf } from './refusal.ts'
import type { AdmissionRequest } from './review.ts'
import { sayOther, sayOutdatedAsOf, type JudgedImage } from './say.ts'
import type { Sentence } from './sentence.ts'
import { subjectsOf } from './subject.ts'
import { warningsOf } from './warnings.ts'

/** One image of a request with its verdict. */
export type JudgedDue = DueImage & JudgedImage

/** The images that a verdict would change anything for. */
export function imagesToJudge(duties: Duties, { mode }: ResolvedPolicy): readonly DueImage[] {
  return duties.images.filter(
    image => image.warnable || (mode === 'enforce' && (image.refusable || image.spared)),
  )
}

/** What is wrong in the policy's places, for a person who is there to read it. */
export function problemsToTell(duties: Duties, { mode, problems }: ResolvedPolicy): readonly string[] {
  return duties.applied && mode !== 'audit' ? problems : []
}

export interface Decided {
  readonly request: AdmissionRequest
  /** The object has no other image. */
  readonly alone: boolean
  readonly policy: ResolvedPolicy
  readonly problems: readonly string[]
  /** Whether a verdict other than `outdated` is worth a warning; all are where missing. */
  readonly isWorthWarning?: (image: JudgedImage) => boolean
  /** All that is refused may stay by the annotation of the strategy. */
  readonly isKeepable?: boolean
}

/** The answer of `/validate` by the verdicts on its images. */
export function decide(images: readonly JudgedDue[], decided: Decided): AdmissionResponse {
  const { request, policy, problems, isKeepable = false } = decided
  const refused = images.filter(image => isRefused(image, policy))
  const others = images.filter(image => !isRefused(image, policy))
  const warnings = warningsOf(problems, sentencesOf(others, decided))
  const spared = others.filter(image => isSpared(image, policy))
  const tolerated = others.filter(image => isOutdated(image) && !isSpared(image, policy))
  const unlisted = others.filter(({ evaluation }) => evaluation.reason === 'not-allowed')
  const auditAnnotations = auditAnnotationsOf({ refused, spared, outdated: tolerated, unlisted })
  return {
    uid: request.uid,
    allowed: refused.length === 0,
    ...(warnings.length > 0 && { warnings }),
    ...(refused.length > 0 && { status: refusalOf(refused, request, isKeepable) }),
    ...(Object.keys(auditAnnotations).length > 0 && { auditAnnotations }),
  }
}

/** Whether an image is refused. */
export function isRefused(image: JudgedDue, policy: ResolvedPolicy): boolean {
  return image.refusable && failsEnforcement(image, policy)
}

/** Whether an image would be refused, were it not of what a controller makes as its child. */
export function isSpared(image: JudgedDue, policy: ResolvedPolicy): boolean {
  return image.spared && failsEnforcement(image, policy)
}

function failsEnforcement(image: JudgedImage, { mode }: ResolvedPolicy): boolean {
  const { stale, unproven } = image.evaluation
  return mode === 'enforce' && isOutdated(image) && !stale && !unproven
}

/** One sentence for each image, however many containers have it. */
function sentencesOf(
  images: readonly JudgedDue[],
  { request, policy, alone, isWorthWarning = () => true }: Decided,
): readonly Sentence[] {
  if (policy.mode === 'audit') return []
  const warnable = images.filter(image => image.warnable && (isOutdated(image) || isWorthWarning(image)))
  return [...Map.groupBy(warnable, ({ image }) => image).values()].flatMap(containers => {
    const [first] = containers
    const said = first && (isOutdated(first) ? sayOutdatedAsOf(first) : sayOther(first))
    return said === undefined ? [] : [{ ...said, subjects: subjectsOf({ request, containers, alone }) }]
  })
}

function isOutdated({ evaluation }: JudgedImage): boolean {
  return evaluation.verdict === 'outdated'
}
