import {
  controllerNamed,
  controllersOf,
  imagesOf,
  type ContainerImage,
  type WorkloadKinds,
} from '../../workload/index.ts'
import { isEmergency, isRefused, type JudgedScopedImage } from './decide.ts'
import type { Evidence } from './evidence.ts'
import type { JudgedImage } from '../messages/messages.ts'
import type { ImageSource } from '../review/ports.ts'
import { identityOf } from '../review/review-scope.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** What the mode `enforce` refuses, where the configuration leaves a choice; what is `allowed` is warned of. */
export interface EnforcementChoices {
  /** Whether an update may go to a tag that is newer than what it replaces, or only to the newest. */
  readonly steps: 'newer' | 'newest'
  /** A Pod, or a Job of a CronJob, with images that its namespace runs already. */
  readonly copies: 'allowed' | 'refused'
  /** An image that lacks nothing but a rebuild of its version (`-r50` beside `-r51`). */
  readonly rebuilds: 'allowed' | 'refused'
}

/** What holds where the configuration says nothing: a request is judged by what it makes worse. */
export const usualEnforcement: EnforcementChoices = { steps: 'newer', copies: 'allowed', rebuilds: 'refused' }

/** The images of a request after it was looked at what it makes worse: what it does not is not refusable any more. */
export interface Weighed {
  readonly images: readonly JudgedScopedImage[]
  /** None that is refused lacks a rebuild of its own version: its author may keep it by the strategy. */
  readonly isKeepable: boolean
}

/** For what and how images are weighed. */
export interface Weighing {
  readonly request: AdmissionRequest
  readonly choices: EnforcementChoices
  readonly kinds: WorkloadKinds
  readonly evidence: Evidence
}

/** What of the images that would be refused makes nothing worse; undefined where something is missing to say so. */
export function weighed(images: readonly JudgedScopedImage[], weighing: Weighing): Weighed | undefined {
  const { choices } = weighing
  const held = images.filter(image => isRefused(image) || isEmergency(image))
  if (held.length === 0) return { images, isKeepable: false }
  const rebuilds = lackingRebuilds(held, weighing)
  if (rebuilds === undefined) return undefined
  const excused = held.filter(
    image => choices.rebuilds === 'allowed' && rebuilds.get(image.image) === image.evaluation.newest,
  )
  const steps = forward(without(held, excused), weighing)
  if (steps === undefined) return undefined
  const copied = copies(without(held, [...excused, ...steps]), weighing)
  if (copied === undefined) return undefined
  const all = new Set([...excused, ...steps, ...copied])
  const refused = held.filter(image => isRefused(image) && !all.has(image))
  return {
    images: images.map(image => (all.has(image) ? { ...image, refusable: false } : image)),
    isKeepable: refused.every(image => isNarrowable(image) && !rebuilds.has(image.image)),
  }
}

// Only where no policy decides may the author of an object narrow the strategy.
function isNarrowable({ rules: { policy, strategy } }: JudgedScopedImage): boolean {
  return strategy !== 'rebuild' && policy === undefined
}

function without(
  images: readonly JudgedScopedImage[],
  excused: readonly JudgedScopedImage[],
): readonly JudgedScopedImage[] {
  return images.filter(image => !excused.includes(image))
}

/** The newest rebuilds of the versions that the images have already, by image; where none is newer the image is not there, where it is not known it has none. */
function lackingRebuilds(
  images: readonly JudgedScopedImage[],
  { evidence }: Weighing,
): ReadonlyMap<string, string | undefined> | undefined {
  const judged = evidence.judge({ purpose: 'rebuild', images, strategy: 'rebuild' })
  const lacking = judged?.filter(
    ({ evaluation: { verdict } }) => verdict === 'outdated' || verdict === 'unknown',
  )
  return lacking && new Map(lacking.map(({ image, evaluation }) => [image, evaluation.newest]))
}

/**
 * The images that are no further behind than what their container had before, of the same repository and line: both are
 * outdated by the same newest tag.
 */
function forward(
  held: readonly JudgedScopedImage[],
  { request, choices, kinds, evidence }: Weighing,
): readonly JudgedScopedImage[] | undefined {
  const { operation, oldObject, resource } = request
  const kind = kinds.of(resource)
  if (held.length === 0 || choices.steps === 'newest' || operation !== 'UPDATE' || kind === undefined)
    return []
  const images = imagesOf(kind, oldObject).filter(before => held.some(now => isSamePlace(before, now)))
  const before = evidence.judge({ purpose: 'replaced', images })
  return (
    before && held.filter(now => before.some(then => isSamePlace(then, now) && isNoFurtherBehind(now, then)))
  )
}

function isSamePlace(one: ContainerImage, other: ContainerImage): boolean {
  return one.field === other.field && one.container === other.container
}

function isNoFurtherBehind({ evaluation: now }: JudgedImage, { evaluation: then }: JudgedImage): boolean {
  return (
    then.verdict === 'outdated' &&
    then.newest === now.newest &&
    then.behind >= now.behind &&
    then.reference?.registry === now.reference?.registry &&
    then.reference?.repository === now.reference?.repository
  )
}

/** The images that the namespace runs already, where the request makes a copy of that: a Pod alone, or a Job of a CronJob. */
function copies(
  held: readonly JudgedScopedImage[],
  { request, choices, evidence }: Weighing,
): readonly JudgedScopedImage[] | undefined {
  const source = sourceOf(request)
  if (held.length === 0 || choices.copies === 'refused' || source === undefined) return []
  const running = evidence.running(source)
  const known = running && new Set(running.map(identityOf))
  return known && held.filter(({ image }) => known.has(identityOf(image)))
}

/** Where what a request may be a copy of stands. The object says so itself; whether it is true is asked there. */
function sourceOf({ operation, resource, object, namespace }: AdmissionRequest): ImageSource | undefined {
  const { group, resource: plural, subresource } = resource
  if (operation !== 'CREATE' || subresource !== '') return undefined
  if (group === '' && plural === 'pods')
    return controllersOf(object).length === 0 ? { kind: 'pods', namespace } : undefined
  const name = group === 'batch' && plural === 'jobs' ? controllerNamed(object, cronJob) : undefined
  return name === undefined ? undefined : { kind: 'cronjob', namespace, name }
}

const cronJob = { group: 'batch', kind: 'CronJob' }
