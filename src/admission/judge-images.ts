import {
  evaluateImages,
  type AccessSource,
  type Evaluation,
  type EvaluationPorts,
} from '../evaluation/index.ts'
import type { Policy } from '../policy/index.ts'
import type { ContainerImage, WorkloadKinds } from '../workload/index.ts'
import { accessFor, type AccessFor } from './access-for.ts'
import type { AdmissionRequest } from './review.ts'
import type { JudgedImage } from './say.ts'

/** With what the images of requests are judged. */
export interface JudgingPorts extends EvaluationPorts {
  readonly access?: AccessSource
  readonly kinds: WorkloadKinds
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}

/** The next step, at once after a value: each `await` of something that is already there costs a turn of the queue. */
export function following<T, U>(value: T | Promise<T>, step: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(step) : step(value)
}

/** For what, how and how long images are judged. */
export interface Judging {
  readonly request: AdmissionRequest
  readonly strategy: Policy['strategy']
  /** What the object may know of registries. */
  readonly own: AccessFor
  /** The instant by the ports' clock until which all the look-ups of the request together may be waited for. */
  readonly until: number
}

/** A judging that may take `budget` milliseconds from now on, whatever is judged by it. */
export function judgingFor(
  { request, strategy, budget }: Pick<Judging, 'request' | 'strategy'> & { readonly budget: number },
  ports: JudgingPorts,
): Judging | Promise<Judging> {
  return following(accessFor(request, budget, ports), own => ({
    request,
    strategy,
    own,
    until: ports.now() + own.left,
  }))
}

/** How many milliseconds of it are left. */
export function leftOf({ until }: Judging, { now }: JudgingPorts): number {
  return Math.max(0, until - now())
}

/** The images with their verdicts, at once where memory knows enough. */
export function judge<Image extends ContainerImage>(
  images: readonly Image[],
  judging: Judging,
  ports: JudgingPorts,
): readonly (Image & JudgedImage)[] | Promise<readonly (Image & JudgedImage)[]> {
  if (images.length === 0) return []
  const { request, strategy, own } = judging
  const wanted = {
    images: images.map(({ image }) => image),
    strategy,
    budget: leftOf(judging, ports),
    namespace: request.namespace,
    ...(own.access !== undefined && { access: own.access }),
  }
  return following(evaluateImages(wanted, ports), evaluations =>
    images.flatMap(image => {
      const evaluation = evaluations.get(image.image)
      return evaluation === undefined ? [] : [{ ...image, evaluation: withoutHaste(evaluation, own) }]
    }),
  )
}

// Whether a registry refuses us is known only once it was asked with all that the workload has.
function withoutHaste(evaluation: Evaluation, { late }: AccessFor): Evaluation {
  const { reason } = evaluation
  if (!late || (reason !== 'unauthorized' && reason !== 'not-found')) return evaluation
  return { ...evaluation, reason: 'not-checked-yet', detail: 'its pull secrets are read in the background' }
}
