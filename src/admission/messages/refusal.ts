import { printable, shorten } from '../../text/index.ts'
import type { AdmissionResponse } from '../../api/index.ts'
import { breakGlassAnnotation, modeLabel, strategyAnnotation, type ImageRules } from '../../policy/index.ts'
import { fitMessage } from './fit-message.ts'
import {
  containersOf,
  objectOf,
  repositoryOf,
  describeOther,
  describeOutdated,
  describeUnversioned,
  tagOf,
  type JudgedImage,
  type Statement,
} from './messages.ts'
import type { AdmissionRequest } from '../review/review.ts'

const mostImages = 10
const longestSentence = 300 // a refusal has no limit of its own, but the longest image and tags make a page

/** The status of a refusal: what is outdated, and how to get through; `isKeepable` where the object's author may keep all of it. */
export function refusalOf(
  refused: readonly RefusedImage[],
  request: AdmissionRequest,
  isKeepable: boolean,
): NonNullable<AdmissionResponse['status']> {
  const byImage = [...Map.groupBy(refused, ({ image }) => image).values()]
  const sentences = byImage.flatMap(containers => {
    const [first] = containers
    if (first === undefined) return []
    return [
      fitMessage(
        { ...describeRefused(first), subjects: [containersOf(containers)], asides: [] },
        longestSentence,
      ),
    ]
  })
  const outdated = refused.filter(({ evaluation }) => evaluation.verdict === 'outdated')
  const said = [
    `${printable(objectOf(request))}: ${listed(sentences)}.`,
    ...(outdated.length > 0 ? [`Use ${newestOf(outdated)}.`] : []),
    wayThrough(refused, request, isKeepable),
  ]
  return { code: 403, reason: 'Forbidden', message: said.join(' ') }
}

/** A refused image with the rules that refuse it. */
export interface RefusedImage extends JudgedImage {
  readonly rules: ImageRules
}

function describeRefused(image: RefusedImage): Statement {
  if (image.evaluation.verdict === 'outdated') return describeOutdated(image)
  return describeOther(image) ?? describeUnversioned(image)
}

/** How to get through all the same, as the policies leave it open. */
function wayThrough(
  refused: readonly RefusedImage[],
  request: AdmissionRequest,
  isKeepable: boolean,
): string {
  const policies = new Set(refused.flatMap(({ rules }) => rules.policy ?? []))
  if (refused.every(({ rules }) => rules.modeFrom === 'annotation'))
    return `To keep it on purpose, take the annotation ${modeLabel} from the ${printable(request.kind)}.`
  if (policies.size === 0) return exceptionFor(request, isKeepable)
  const named = [...policies].map(({ name }) => name)
  const who = `${named.length === 1 ? 'Policy' : 'Policies'} ${named.join(', ')} refuse${named.length === 1 ? 's' : ''} this.`
  const namespace = `namespace "${printable(request.namespace)}"`
  const all = [...policies]
  const isExcusable = all.every(({ exceptions }) => exceptions !== undefined)
  const isUrgent = all.every(({ breakGlass }) => breakGlass !== undefined)
  return [
    who,
    ...(isExcusable
      ? [`To keep it for a time, create a PatchException in ${namespace}, if the policy allows it there.`]
      : []),
    ...(isUrgent
      ? [`In an emergency, annotate the ${printable(request.kind)} with ${breakGlassAnnotation}=REASON.`]
      : []),
  ].join(' ')
}

/** How to get through without a policy: by the author of the object where that is possible, else by who may label the namespace. */
function exceptionFor({ kind, namespace }: AdmissionRequest, isKeepable: boolean): string {
  const label = `have the namespace "${printable(namespace)}" labelled ${modeLabel}=warn.`
  return isKeepable
    ? `To keep it on purpose, annotate the ${printable(kind)} with ${strategyAnnotation}=rebuild, or ${label}`
    : `To keep it on purpose, ${label}`
}

/** Images by what became of them. */
export interface NotedImages {
  readonly refused: readonly JudgedImage[]
  /** They would have been refused, had not a controller made the object as its child. */
  readonly spared: readonly JudgedImage[]
  /** Excused by an exception. */
  readonly exempt: readonly JudgedImage[]
  /** They would have been refused without the annotation for an emergency. */
  readonly 'break-glass': readonly JudgedImage[]
  /** Outdated all the same. */
  readonly outdated: readonly JudgedImage[]
  /** Not looked at, for the configuration lists no such registry. */
  readonly unlisted: readonly JudgedImage[]
}

/** What the API server writes to its audit log: container, image and, where there is one, the newest tag of each. */
export function auditAnnotationsOf(noted: NotedImages): Readonly<Record<string, string>> {
  const there = Object.entries(noted).filter(([, images]) => images.length > 0)
  return Object.fromEntries(there.map(([what, images]) => [what, listed(images.map(inShort))]))
}

const longestEntry = 160 // an audit log keeps every byte

function inShort(judged: JudgedImage): string {
  const { newest } = judged.evaluation
  const image = repositoryOf(judged) + tagOf(judged)
  const step = newest === undefined ? '' : ` -> ${newest}`
  return shorten(printable(`${judged.container}: ${image}${step}`), longestEntry)
}

function newestOf(refused: readonly JudgedImage[]): string {
  const [only, other] = new Set(refused.map(newestReferenceOf))
  return only === undefined || other !== undefined ? 'the newest tags' : only
}

// Who has pinned an image to its digest is not told to give that up.
function newestReferenceOf(judged: JudgedImage): string {
  const { newest, newestDigest, reference } = judged.evaluation
  const image = `${printable(repositoryOf(judged))}:${newest}`
  if (reference?.digest === undefined) return image
  return newestDigest === undefined ? `${image} with its digest` : `${image}@${newestDigest}`
}

function listed(texts: readonly string[]): string {
  const distinct = [...new Set(texts)]
  const left = distinct.length - mostImages
  return [...distinct.slice(0, mostImages), ...(left > 0 ? [`and ${left} more`] : [])].join('; ')
}
