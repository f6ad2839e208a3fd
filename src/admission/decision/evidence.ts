import {
  lookUpAll,
  type Access,
  type AccessSource,
  type Evaluation,
  type EvaluationPorts,
  type Evaluations,
} from '../../evaluation/index.ts'
import type { Policy, PolicyBook } from '../../policy/index.ts'
import { podAccessOf, type ContainerImage, type WorkloadKinds } from '../../workload/index.ts'
import type { ImageSource, Labels, NamespaceLabels, RunningImages } from '../review/ports.ts'
import type { AdmissionRequest } from '../review/review.ts'
import type { JudgedImage } from '../messages/messages.ts'
import { judgeByRules } from '../rules/judge-by-rules.ts'
import { objectRules, type ObjectRules } from '../rules/object-rules.ts'

/** Where evidence comes from. */
export interface EvidencePorts extends EvaluationPorts {
  readonly namespaces: NamespaceLabels
  /** What decides about images, as of now. */
  readonly book: () => PolicyBook
  /** Without it, no credentials of workloads are used. */
  readonly access?: AccessSource
  readonly kinds: WorkloadKinds
  /** What runs already; where missing, nothing counts as a copy. */
  readonly running?: RunningImages
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}

/** What images are judged for; those of one request for the same purpose are always the same ones. */
export type Purpose = 'verdict' | 'rebuild' | 'replaced' | 'earlier'

/** Images to judge. */
export interface Judging<Image extends ContainerImage> {
  readonly purpose: Purpose
  readonly images: readonly Image[]
  /** In place of what their rules say. */
  readonly strategy?: Policy['strategy']
}

/**
 * What one review is decided by. What memory does not know is undefined, and looked up: the review is decided again once
 * `lookUp` is settled.
 */
export interface Evidence {
  /** The rules for the object. */
  rules(): ObjectRules | undefined
  /** The images with their verdicts. */
  judge<Image extends ContainerImage>(judging: Judging<Image>): readonly (Image & JudgedImage)[] | undefined
  /** The texts of the images that run already; none where that cannot be had. */
  running(source: ImageSource): readonly string[] | undefined
  /** Waits for what was missing last, within what is left of the budget. */
  lookUp(): Promise<void>
}

/** The evidence for a request; `budget` is what all its look-ups may take together, in milliseconds. */
export function createEvidence(request: AdmissionRequest, budget: number, ports: EvidencePorts): Evidence {
  let missing = Promise.resolve()
  const later = (settled: Promise<void>): undefined => void (missing = settled)
  const grounds = createGrounds({ request, budget, later }, ports)
  const judged = new Map<Purpose, Evaluations>()
  let copied: readonly string[] | undefined
  return {
    rules: () => grounds.rules(),
    judge(judging) {
      const { purpose, images } = judging
      if (images.length === 0) return []
      const own = grounds.access()
      if (own === undefined) return undefined
      const before = judged.get(purpose)
      if (before !== undefined) return withVerdicts(images, before, own)
      const rules = grounds.rules()
      if (rules === undefined) return undefined
      const { strategy } = judging
      const { access } = own
      const by = { namespace: request.namespace, access, budget: grounds.timeLeft(), strategy, ports }
      const found = judgeByRules(images, image => rules.of(image), by)
      if (found.missing.length > 0)
        return later(lookUpAll(found).then(evaluations => void judged.set(purpose, evaluations)))
      judged.set(purpose, found.evaluations)
      return withVerdicts(images, found.evaluations, own)
    },
    running(source) {
      if (copied !== undefined || ports.running === undefined) return copied ?? []
      const longest = Math.min(grounds.timeLeft(), longestWait)
      const asked = ports.timeLimit.wait(ports.running.imagesIn(source), longest)
      return later(asked.then(images => void (copied = images ?? [])))
    },
    lookUp: () => missing,
  }
}

// It is one request to the API server, which answers in milliseconds.
const longestWait = 500

/** What a workload may know of registries. */
interface OwnAccess {
  readonly access: Access | undefined
  /** It was not there in time: what needs credentials is not known yet. */
  readonly isLate: boolean
}

/** The rules and the access of a request, on which all its verdicts rest. */
interface Grounds {
  rules(): ObjectRules | undefined
  access(): OwnAccess | undefined
  /** How many milliseconds of the budget are left for registries: time runs from the first call on. */
  timeLeft(): number
}

interface Asked {
  readonly request: AdmissionRequest
  readonly budget: number
  /** Takes what is to be waited for. */
  readonly later: (settled: Promise<void>) => undefined
}

/** The labels and the secrets of the namespace: each may take half of what is left, and the request is judged without them then. */
function createGrounds({ request, budget, later }: Asked, ports: EvidencePorts): Grounds {
  let left = budget
  let until: number | undefined
  let rules: ObjectRules | undefined
  let own: OwnAccess | undefined
  const waitFor = <T>(asked: Promise<T | undefined>, settle: (value: T | undefined) => void): undefined => {
    left /= 2
    return later(ports.timeLimit.wait(asked, left).then(settle))
  }
  return {
    rules() {
      if (rules !== undefined) return rules
      const asked = askLabels(request, ports)
      const settle = (labels: Labels | undefined): ObjectRules =>
        (rules = objectRules(request, labels, ports.book()))
      return asked instanceof Promise ? waitFor(asked.catch(noLabels), settle) : settle(asked)
    },
    access() {
      if (own !== undefined) return own
      const asked = askAccess(request, ports)
      if (!(asked instanceof Promise)) return (own = { access: asked, isLate: false })
      return waitFor(asked, access => (own = { access, isLate: access === undefined }))
    },
    timeLeft() {
      const now = ports.now()
      until ??= now + left
      return Math.max(0, until - now)
    },
  }
}

function askLabels({ namespace }: AdmissionRequest, { namespaces }: EvidencePorts) {
  return namespace === '' ? undefined : namespaces.labelsOf(namespace)
}

function noLabels(): undefined {}

function askAccess({ namespace, object, resource }: AdmissionRequest, { access, kinds }: EvidencePorts) {
  const kind = kinds.of(resource)
  if (access === undefined || kind === undefined) return undefined
  return access.accessOf({ namespace, ...podAccessOf(kind, object) })
}

function withVerdicts<Image extends ContainerImage>(
  images: readonly Image[],
  evaluations: Evaluations,
  own: OwnAccess,
): readonly (Image & JudgedImage)[] {
  return images.flatMap(image => {
    const evaluation = evaluations.get(image.image)
    return evaluation === undefined ? [] : [{ ...image, evaluation: withoutHaste(evaluation, own) }]
  })
}

// Whether a registry refuses us is known only once it was asked with all that the workload has.
function withoutHaste(evaluation: Evaluation, { isLate }: OwnAccess): Evaluation {
  const { reason } = evaluation
  if (!isLate || (reason !== 'unauthorized' && reason !== 'not-found')) return evaluation
  return { ...evaluation, reason: 'not-checked-yet', detail: 'its pull secrets are read in the background' }
}
