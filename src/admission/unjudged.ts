import { printable } from '../text/index.ts'
import type { AdmissionResponse } from '../api/index.ts'
import { modeLabel, type Mode } from '../policy/index.ts'
import { mostContainers } from '../workload/index.ts'
import type { DueImage, Duties } from './duties.ts'
import type { AdmissionRequest } from './review.ts'
import { objectOf } from './subject.ts'
import { warningsOf } from './warnings.ts'

/** A pod spec has a handful of images; with more than this, a review would cost what its sender likes. */
const mostImages = 100

/** Why an object is answered as a whole, in a review's usual time. */
export type WhyUnjudged = 'too-large' | 'too-many-images'

/** Why an object cannot be judged image by image; undefined where it can. */
export function whyUnjudged(duties: Duties, images: readonly DueImage[]): WhyUnjudged | undefined {
  if (images.length === 0) return undefined
  if (duties.unread) return 'too-large'
  const isTooMany =
    duties.images.length > mostContainers || new Set(images.map(({ image }) => image)).size > mostImages
  return isTooMany ? 'too-many-images' : undefined
}

const texts: Readonly<Record<WhyUnjudged, { readonly is: string; readonly remedy: string }>> = {
  'too-large': { is: 'it is too large', remedy: 'Make it smaller' },
  'too-many-images': { is: `it names more than ${mostImages} images`, remedy: 'Name fewer' },
}

/**
 * The answer for an object that cannot be judged: refused where its images could be refused one by one, else allowed with a
 * warning. Whether it can be judged is up to the author of the object, so it must not be a way through.
 */
export function unjudgedAnswer(
  request: AdmissionRequest,
  images: readonly DueImage[],
  { mode, why }: { readonly mode: Mode; readonly why: WhyUnjudged },
): AdmissionResponse {
  const { uid, namespace } = request
  const { is, remedy } = texts[why]
  const auditAnnotations = { unjudged: why }
  if (mode === 'enforce' && images.some(image => image.refusable)) {
    const way = `${remedy}, or have the namespace "${printable(namespace)}" labelled ${modeLabel}=warn.`
    const message = `${printable(objectOf(request))}: cannot be checked: ${is}. ${way}`
    return { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message }, auditAnnotations }
  }
  const isTold = mode !== 'audit' && images.some(image => image.warnable)
  const warnings = warningsOf([`${objectOf(request)} not checked: ${is}`], [])
  return { uid, allowed: true, ...(isTold && { warnings }), auditAnnotations }
}
