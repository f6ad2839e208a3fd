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
  return duties.images.filter(image => image.warnable || (mode === 'enforce' && image.refusable))
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
  const isRefused = (image: DueImage & JudgedImage): boolean =>
    policy.mode === 'enforce' && image.refusable && isOutdated(image) && !image.evaluation.stale
  const refused = images.filter(isRefused)
  const others = images.filter(image => !isRefused(image))
  const warned = others.filter(image => image.warnable && policy.mode !== 'audit')
  const sentences = warned.flatMap(image => {
    const sentence = say(image, policy)
    return sentence === undefined ? [] : [{ ...sentence, subject: shortSubject(request, image, alone) }]
  })
  const warnings = warningsOf(problems, sentences)
  const tolerated = others.filter(isOutdated)
  return {
    uid: request.uid,
    allowed: refused.length === 0,
    ...(warnings.length > 0 && { warnings }),
    ...(refused.length > 0 && { status: refusalOf(refused, policy.strategy, request) }),
    ...(refused.length + tolerated.length > 0 && {
      auditAnnotations: auditAnnotationsOf(refused, tolerated),
    }),
  }
}

function say(image: JudgedImage, { strategy }: ResolvedPolicy): Sentence | undefined {
  return isOutdated(image) ? sayOutdatedAsOf(image, strategy) : sayOther(image)
}

function isOutdated({ evaluation }: JudgedImage): boolean {
  return evaluation.verdict === 'outdated'
}
