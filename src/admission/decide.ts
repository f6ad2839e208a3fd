import type { AdmissionResponse } from '../api/index.ts'
import { modeLabel, type Mode, type ResolvedPolicy } from '../policy/index.ts'
import { printable } from '../text/index.ts'
import { mostContainers } from '../workload/index.ts'
import { warningsOf, type Message } from './fit-message.ts'
import { objectOf, describeOther, describeOutdatedAsOf, subjectsOf, type JudgedImage } from './messages.ts'
import { auditAnnotationsOf, refusalOf } from './refusal.ts'
import type { ScopedImage, ReviewScope } from './review-scope.ts'
import type { AdmissionRequest } from './review.ts'

/** One image of a request with its verdict. */
export type JudgedScopedImage = ScopedImage & JudgedImage

/** The images that a verdict would change anything for. */
export function imagesToJudge(scope: ReviewScope, { mode }: ResolvedPolicy): readonly ScopedImage[] {
  return scope.images.filter(
    image => image.warnable || (mode === 'enforce' && (image.refusable || image.spared)),
  )
}

/** What is wrong with labels and annotations of the policy, where a person reads the answer. */
export function problemsToTell(scope: ReviewScope, { mode, problems }: ResolvedPolicy): readonly string[] {
  return scope.applied && mode !== 'audit' ? problems : []
}

/** What a request is decided by, besides the verdicts. */
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
export function decide(images: readonly JudgedScopedImage[], decided: Decided): AdmissionResponse {
  const { request, policy, problems, isKeepable = false } = decided
  const refused = images.filter(image => isRefused(image, policy))
  const others = images.filter(image => !isRefused(image, policy))
  const warnings = warningsOf(problems, messagesOf(others, decided))
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
export function isRefused(image: JudgedScopedImage, policy: ResolvedPolicy): boolean {
  return image.refusable && failsEnforcement(image, policy)
}

/** Whether an image would be refused, were it not of what a controller makes as its child. */
export function isSpared(image: JudgedScopedImage, policy: ResolvedPolicy): boolean {
  return image.spared && failsEnforcement(image, policy)
}

function failsEnforcement(image: JudgedImage, { mode }: ResolvedPolicy): boolean {
  const { stale, unproven } = image.evaluation
  return mode === 'enforce' && isOutdated(image) && !stale && !unproven
}

/** One sentence for each image, however many containers have it. */
function messagesOf(
  images: readonly JudgedScopedImage[],
  { request, policy, alone, isWorthWarning = () => true }: Decided,
): readonly Message[] {
  if (policy.mode === 'audit') return []
  const warnable = images.filter(image => image.warnable && (isOutdated(image) || isWorthWarning(image)))
  return [...Map.groupBy(warnable, ({ image }) => image).values()].flatMap(containers => {
    const [first] = containers
    const said = first && (isOutdated(first) ? describeOutdatedAsOf(first) : describeOther(first))
    return said === undefined ? [] : [{ ...said, subjects: subjectsOf({ request, containers, alone }) }]
  })
}

function isOutdated({ evaluation }: JudgedImage): boolean {
  return evaluation.verdict === 'outdated'
}

/** What is told to people besides outdated images, though most of them cannot change it. */
export interface WarningChoices {
  /** That the configuration lists no such registry. */
  readonly unlistedRegistries: boolean
  /** That a tag floats. */
  readonly floatingTags: boolean
}

/** What holds where the configuration says nothing. */
export const usualWarnings: WarningChoices = { unlistedRegistries: false, floatingTags: true }

/** The rule by which a verdict other than `outdated` is told to the person who applies an object. */
export function worthWarningBy({
  unlistedRegistries,
  floatingTags,
}: WarningChoices): (judged: JudgedImage) => boolean {
  return ({ evaluation: { verdict, reason } }) => {
    if (reason === 'not-allowed') return unlistedRegistries
    return verdict !== 'floating' || floatingTags
  }
}

/** A pod spec has a handful of images; with more than this, a review would cost what its sender likes. */
const mostImages = 100

/** Why an object is answered as a whole, in a review's usual time. */
export type WhyUnjudged = 'too-large' | 'too-many-images'

/** Why an object cannot be judged image by image; undefined where it can. */
export function whyUnjudged(scope: ReviewScope, images: readonly ScopedImage[]): WhyUnjudged | undefined {
  if (images.length === 0) return undefined
  if (scope.unread) return 'too-large'
  const isTooMany =
    scope.images.length > mostContainers || new Set(images.map(({ image }) => image)).size > mostImages
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
  images: readonly ScopedImage[],
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
