import type { AdmissionResponse } from '../api/index.ts'
import type { ResolvedPolicy } from '../policy/index.ts'
import type { DueImage, Duties } from './duties.ts'
import { auditAnnotationsOf, refusalOf } from './refusal.ts'
import type { AdmissionRequest } from './review.ts'
import { sayOther, sayOutdatedAsOf, type JudgedImage } from './say.ts'
import type { Sentence } from './sentence.ts'
import { shortSubject } from './subject.ts'
import { warningsOf } from './warnings.ts'

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
}

/** The answer of `/validate` by the verdicts on its images. */
export function decide(
  images: readonly (DueImage & JudgedImage)[],
  { request, alone, policy, problems }: Decided,
): AdmissionResponse {
  const refused = images.filter(image => isRefused(image, policy))
  const others = images.filter(image => !isRefused(image, policy))
  const warned = others.filter(image => image.warnable && policy.mode !== 'audit')
  const sentences = warned.flatMap(image => {
    const sentence = say(image, policy)
    return sentence === undefined ? [] : [{ ...sentence, subject: shortSubject(request, image, alone) }]
  })
  const warnings = warningsOf(problems, sentences)
  const spared = others.filter(image => isSpared(image, policy))
  const tolerated = others.filter(image => isOutdated(image) && !isSpared(image, policy))
  return {
    uid: request.uid,
    allowed: refused.length === 0,
    ...(warnings.length > 0 && { warnings }),
    ...(refused.length > 0 && { status: refusalOf(refused, policy.strategy, request) }),
    ...(refused.length + spared.length + tolerated.length > 0 && {
      auditAnnotations: auditAnnotationsOf({ refused, spared, outdated: tolerated }),
    }),
  }
}

/** Whether an image would be refused, were it not of what a controller makes as its child. */
export function isSpared(image: DueImage & JudgedImage, policy: ResolvedPolicy): boolean {
  return image.spared && failsEnforcement(image, policy)
}

function isRefused(image: DueImage & JudgedImage, policy: ResolvedPolicy): boolean {
  return image.refusable && failsEnforcement(image, policy)
}

function failsEnforcement(image: JudgedImage, { mode }: ResolvedPolicy): boolean {
  return mode === 'enforce' && isOutdated(image) && !image.evaluation.stale
}

function say(image: JudgedImage, { strategy }: ResolvedPolicy): Sentence | undefined {
  return isOutdated(image) ? sayOutdatedAsOf(image, strategy) : sayOther(image)
}

function isOutdated({ evaluation }: JudgedImage): boolean {
  return evaluation.verdict === 'outdated'
}
