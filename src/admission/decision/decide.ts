import type { AdmissionResponse } from '../../api/index.ts'
import { mostImages } from '../../evaluation/index.ts'
import { modeLabel, type ImageRules, type Mode, type Outcome } from '../../policy/index.ts'
import { printable, spellInstant } from '../../text/index.ts'
import { mostContainers } from '../../workload/index.ts'
import { warningsOf, type Message } from '../messages/fit-message.ts'
import {
  objectOf,
  describeOther,
  describeOutdatedAsOf,
  describeUnversioned,
  subjectsOf,
  type JudgedImage,
  type Statement,
} from '../messages/messages.ts'
import type { ObjectRules } from '../rules/object-rules.ts'
import { auditAnnotationsOf, refusalOf } from '../messages/refusal.ts'
import type { ScopedImage, ReviewScope } from '../review/review-scope.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** One image of a request with its verdict, the rules for it, and what is done by them. */
export interface JudgedScopedImage extends ScopedImage, JudgedImage {
  readonly rules: ImageRules
  readonly outcome: Outcome
}

/** The images that a verdict would change anything for. */
export function imagesToJudge(scope: ReviewScope, rules: ObjectRules): readonly ScopedImage[] {
  return scope.images.filter(image => {
    const mode = scope.unread ? rules.strictest() : rules.of(image).mode
    if (mode === 'off') return false
    return image.warnable || (mode === 'enforce' && (image.refusable || image.spared))
  })
}

/** What is wrong with labels and annotations, where a person reads the answer. */
export function problemsToTell(scope: ReviewScope, rules: ObjectRules): readonly string[] {
  if (!scope.applied) return []
  const ofImages = scope.images.map(image => rules.of(image))
  // In the modes audit and off no person is told anything.
  if (!ofImages.some(({ mode }) => mode === 'warn' || mode === 'enforce')) return []
  return [...new Set([...rules.problems(), ...ofImages.flatMap(({ ignored }) => ignored)])]
}

/** What a request is decided by, besides the verdicts. */
export interface Decided {
  readonly request: AdmissionRequest
  /** The object has no other image. */
  readonly alone: boolean
  readonly problems: readonly string[]
  /** Whether a verdict other than `outdated` is worth a warning; all are where missing. */
  readonly isWorthWarning?: (image: JudgedImage) => boolean
  /** All that is refused may stay by the annotation of the strategy. */
  readonly isKeepable?: boolean
}

/** The answer of `/validate` by the verdicts on its images. */
export function decide(images: readonly JudgedScopedImage[], decided: Decided): AdmissionResponse {
  const { request, problems, isKeepable = false } = decided
  const refused = images.filter(isRefused)
  const others = images.filter(image => !isRefused(image))
  const warnings = warningsOf(problems, messagesOf(others, decided))
  const spared = others.filter(isSpared)
  const exempt = others.filter(({ outcome }) => outcome.because === 'exception')
  const tolerated = others.filter(image => isOutdated(image) && !isSpared(image) && !exempt.includes(image))
  const unlisted = others.filter(({ evaluation }) => evaluation.reason === 'not-allowed')
  const emergency = others.filter(isEmergency)
  const auditAnnotations = auditAnnotationsOf({
    refused,
    spared,
    exempt,
    'break-glass': emergency,
    outdated: tolerated,
    unlisted,
  })
  return {
    uid: request.uid,
    allowed: refused.length === 0,
    ...(warnings.length > 0 && { warnings }),
    ...(refused.length > 0 && { status: refusalOf(refused, request, isKeepable) }),
    ...(Object.keys(auditAnnotations).length > 0 && { auditAnnotations }),
  }
}

/** Whether an image is refused. */
export function isRefused({ refusable, outcome }: JudgedScopedImage): boolean {
  return refusable && outcome.action === 'refuse'
}

/** Whether an image would be refused, were it not for the annotation for an emergency. */
export function isEmergency({ refusable, outcome }: JudgedScopedImage): boolean {
  return refusable && outcome.because === 'break-glass'
}

/** Whether an image would be refused, were it not of what a controller makes as its child. */
export function isSpared({ spared, outcome }: JudgedScopedImage): boolean {
  return spared && outcome.action === 'refuse'
}

/** One sentence for each image, however many containers have it. */
function messagesOf(
  images: readonly JudgedScopedImage[],
  { request, alone, isWorthWarning = () => true }: Decided,
): readonly Message[] {
  const warnable = images.filter(image => image.warnable && deservesWarning(image, isWorthWarning))
  return [...Map.groupBy(warnable, ({ image }) => image).values()].flatMap(containers => {
    const [first] = containers
    const said = first && (isOutdated(first) ? describeTolerated(first) : describeAsWanted(first))
    return said === undefined ? [] : [{ ...said, subjects: subjectsOf({ request, containers, alone }) }]
  })
}

function deservesWarning(image: JudgedScopedImage, isWorthWarning: (image: JudgedImage) => boolean): boolean {
  const { rules, outcome, evaluation } = image
  if (rules.mode === 'audit' || outcome.because === 'exception') return false
  if (isOutdated(image) || outcome.action !== 'nothing') return true
  const { verdict } = evaluation
  const isIgnored =
    verdict !== 'outdated' && verdict !== 'current' && rules.policy?.others[verdict] === 'ignore'
  return !isIgnored && isWorthWarning(image)
}

// A policy may want to be told of more than the configuration does.
function describeAsWanted(image: JudgedScopedImage): Statement | undefined {
  return describeOther(image) ?? (image.outcome.action === 'nothing' ? undefined : describeUnversioned(image))
}

/** An outdated image that is not refused, and why, where the mode alone would refuse it. */
function describeTolerated(image: JudgedScopedImage): Statement {
  const said = describeOutdatedAsOf(image)
  const { because, until } = image.outcome
  if (because === 'grace' && until !== undefined)
    return { ...said, asides: [` (refused from ${spellInstant(until)})`, ...said.asides] }
  return because === 'break-glass' ? { ...said, asides: [' (break-glass)', ...said.asides] } : said
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
