import type { ResolvedPolicy } from '../policy/index.ts'
import { controllerNamed, controllersOf, imagesOf, type ContainerImage } from '../workload/index.ts'
import { isRefused, type JudgedDue } from './decide.ts'
import type { EnforcementChoices } from './enforcement.ts'
import { identityOf } from './image-identity.ts'
import { following, judge, leftOf, type Judging, type JudgingPorts } from './judge-images.ts'
import type { ImageSource, RunningImages } from './ports.ts'
import type { AdmissionRequest } from './review.ts'
import type { JudgedImage } from './say.ts'

/** The images of a request after it was looked at what it makes worse: what it does not is not refusable any more. */
export interface Weighed {
  readonly images: readonly JudgedDue[]
  /** None that is refused lacks a rebuild of its own version: its author may keep it by the strategy. */
  readonly isKeepable: boolean
}

export interface Weighing {
  readonly judging: Judging
  readonly policy: ResolvedPolicy
  readonly choices: EnforcementChoices
}

export interface WeighingPorts extends JudgingPorts {
  /** What runs already; where missing, nothing counts as a copy. */
  readonly running?: RunningImages
}

/** What of the images that would be refused makes nothing worse; at once where none would be. */
export function weighed(
  images: readonly JudgedDue[],
  weighing: Weighing,
  ports: WeighingPorts,
): Weighed | Promise<Weighed> {
  const held = images.filter(image => isRefused(image, weighing.policy))
  if (held.length === 0) return { images, isKeepable: false }
  return following(lackingRebuilds(held, weighing, ports), rebuilds => {
    const { rebuilds: choice } = weighing.choices
    const excused = held.filter(
      image => choice === 'allowed' && rebuilds.get(image.image) === image.evaluation.newest,
    )
    return following(forward(without(held, excused), weighing, ports), steps => {
      const soFar = [...excused, ...steps]
      return following(copies(without(held, soFar), weighing, ports), copied => {
        const all = new Set([...soFar, ...copied])
        const refused = held.filter(image => !all.has(image))
        return {
          images: images.map(image => (all.has(image) ? { ...image, refusable: false } : image)),
          isKeepable:
            weighing.policy.strategy !== 'rebuild' && !refused.some(({ image }) => rebuilds.has(image)),
        }
      })
    })
  })
}

type Some<T> = readonly T[] | Promise<readonly T[]>

function without(images: readonly JudgedDue[], excused: readonly JudgedDue[]): readonly JudgedDue[] {
  return images.filter(image => !excused.includes(image))
}

type Rebuilds = ReadonlyMap<string, string | undefined>

/** The newest rebuilds of the versions that the images have already, by image; where none is newer the image is not there, where it is not known it has none. */
function lackingRebuilds(
  held: readonly JudgedDue[],
  { judging }: Weighing,
  ports: WeighingPorts,
): Rebuilds | Promise<Rebuilds> {
  return following(judge(held, { ...judging, strategy: 'rebuild' }, ports), judged => {
    const lacking = judged.filter(
      ({ evaluation: { verdict } }) => verdict === 'outdated' || verdict === 'unknown',
    )
    return new Map(lacking.map(({ image, evaluation }) => [image, evaluation.newest]))
  })
}

/**
 * The images that are no further behind than what their container had before, of the same repository and line: both are
 * outdated by the same newest tag.
 */
function forward(
  held: readonly JudgedDue[],
  { judging, choices }: Weighing,
  ports: WeighingPorts,
): Some<JudgedDue> {
  const { operation, oldObject, resource } = judging.request
  const kind = ports.kinds.of(resource)
  if (held.length === 0 || choices.steps === 'newest' || operation !== 'UPDATE' || kind === undefined)
    return []
  const old = imagesOf(kind, oldObject).filter(before => held.some(now => isSamePlace(before, now)))
  return following(judge(old, judging, ports), before =>
    held.filter(now => before.some(then => isSamePlace(then, now) && isNoFurtherBehind(now, then))),
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

// It is one request to the API server, which answers in milliseconds.
const longestWait = 500

/** The images that the namespace runs already, where the request makes a copy of that: a Pod alone, or a Job of a CronJob. */
function copies(
  held: readonly JudgedDue[],
  { judging, choices }: Weighing,
  ports: WeighingPorts,
): Some<JudgedDue> {
  const source = sourceOf(judging.request)
  const { running } = ports
  if (held.length === 0 || choices.copies === 'refused' || source === undefined || running === undefined)
    return []
  const longest = Math.min(leftOf(judging, ports), longestWait)
  return ports.patience.wait(running.imagesIn(source), longest).then(images => {
    const known = new Set(images?.map(identityOf))
    return held.filter(({ image }) => known.has(identityOf(image)))
  })
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
