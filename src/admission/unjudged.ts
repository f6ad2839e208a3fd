import type { AdmissionResponse } from '../api/index.ts'
import { modeLabel, type ResolvedPolicy } from '../policy/index.ts'
import { mostContainers } from '../workload/index.ts'
import type { DueImage, Duties } from './duties.ts'
import { plain } from './line-of-text.ts'
import type { AdmissionRequest } from './review.ts'
import { objectOf } from './subject.ts'
import { warningsOf } from './warnings.ts'

/** A pod spec has a handful of images; with more than this, a review would cost what its sender likes. */
const mostImages = 100

/** Whether an object names more images than are judged: then it is answered as a whole, in a review's usual time. */
export function namesTooMany(duties: Duties, images: readonly DueImage[]): boolean {
  if (images.length === 0) return false
  return duties.images.length > mostContainers || new Set(images.map(({ image }) => image)).size > mostImages
}

/**
 * The answer for an object that names too many images: refused where they could be refused one by one, else allowed with a
 * warning. What cannot be judged is decided by whoever writes the object, so it must not be a way through.
 */
export function unjudgedAnswer(
  request: AdmissionRequest,
  images: readonly DueImage[],
  { mode }: ResolvedPolicy,
): AdmissionResponse {
  const { uid, namespace } = request
  const auditAnnotations = { unjudged: 'too-many-images' }
  if (mode === 'enforce' && images.some(image => image.refusable)) {
    const way = `Name fewer, or have the namespace "${plain(namespace)}" labelled ${modeLabel}=warn.`
    const message = `${plain(objectOf(request))}: cannot be checked: it names more than ${mostImages} images. ${way}`
    return { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message }, auditAnnotations }
  }
  const isTold = mode !== 'audit' && images.some(image => image.warnable)
  const warnings = warningsOf(
    [`${objectOf(request)} not checked: it names more than ${mostImages} images`],
    [],
  )
  return { uid, allowed: true, ...(isTold && { warnings }), auditAnnotations }
}
