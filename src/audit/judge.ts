import {
  evaluateImages,
  unknownEvaluation,
  type Access,
  type AccessSource,
  type Choose,
  type DigestCatalog,
  type Evaluation,
  type TimeLimit,
  type TagCatalog,
} from '../evaluation/index.ts'
import { InvalidReferenceError, parseReference, type Reference, type Repository } from '../image/index.ts'
import { modeLabel, resolvePolicy, type Policy } from '../policy/index.ts'
import { sliceOf, type FindNewest, type TagReading } from '../version/index.ts'
import type { Drift } from './drift.ts'
import type { Inventory, RunningImage } from '../inventory/index.ts'
import { hasMoved, movedTagsOf, type MovedTags } from './moved-tag.ts'

/** What an image is judged with. */
export interface JudgeOptions {
  readonly inventory: Pick<Inventory, 'labelsOf'>
  readonly catalog: TagCatalog
  readonly digests: DigestCatalog
  readonly schemes: (repository: Repository) => TagReading
  readonly access: AccessSource
  readonly timeLimit: TimeLimit
  readonly defaults: Policy & { readonly movedTags: MovedTags }
  /** How long the look-ups of one image may take, in milliseconds. */
  readonly budget: number
}

/** The same in one cycle. */
export interface JudgeParts extends JudgeOptions {
  readonly choose: Choose
  readonly findNewest: FindNewest
  /** When the cycle began, in epoch milliseconds: what is due is asked for again since then. */
  readonly startedAt: number
  /** How long registries may still be waited for in it, in milliseconds. */
  left(): number
}

/** The verdict for an image. Where the mode is `off` nothing is asked: no registry, and no secret is read. */
export async function judge(image: RunningImage, parts: JudgeParts): Promise<Drift> {
  const { inventory, defaults } = parts
  const labels = inventory.labelsOf(image.workload.namespace) ?? {}
  const policy = resolvePolicy(defaults, labels, image.annotations)
  if (policy.mode === 'off') return switchedOff(image, policy, Object.hasOwn(labels, modeLabel))
  const access = await parts.access.accessOf(image.requester)
  const evaluation = await evaluate(image.image, { access, policy }, parts)
  const left = (): number => Math.min(parts.budget, parts.left())
  const moved = await hasMoved(image, { ...parts, left, evaluation, access })
  const isFinding = moved && movedTagsOf(image.annotations, defaults.movedTags) === 'finding'
  return {
    image,
    evaluation: isFinding && evaluation.verdict === 'floating' ? asOutdated(evaluation) : evaluation,
    policy: { mode: policy.mode, strategy: policy.strategy },
    moved,
    newestOverall: newestOverall(evaluation, { access, policy }, parts),
    since: evaluation.newestPublishedAt ?? evaluation.newestSeenAt,
    exempt: false,
  }
}

/** That an image could not be judged. */
export function notJudged(image: RunningImage, detail: string, { mode, strategy }: Policy): Drift {
  const evaluation = unknownEvaluation(image.image, undefined, { reason: 'not-checked-yet', detail })
  return { ...without, image, evaluation, policy: { mode, strategy }, exempt: false }
}

function switchedOff(image: RunningImage, { mode, strategy }: Policy, isLabelled: boolean): Drift {
  const { namespace } = image.workload
  const detail = isLabelled
    ? `namespace ${namespace} has the label ${modeLabel}=off`
    : `the configuration says mode: off, and namespace ${namespace} has no label ${modeLabel}`
  const why = { reason: 'namespace-off', detail } as const
  const evaluation = unknownEvaluation(image.image, referenceOf(image.image), why)
  return { ...without, image, evaluation, policy: { mode, strategy }, exempt: true }
}

const without = { moved: false, newestOverall: undefined, since: undefined }

function referenceOf(image: string): Reference | undefined {
  try {
    return parseReference(image)
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined
    throw error
  }
}

// Its newest tag is the one that it has: there is nothing to write in its place, only to pull anew.
function asOutdated(evaluation: Evaluation): Evaluation {
  return { ...evaluation, verdict: 'outdated', newest: undefined, behind: 1 }
}

interface Asked {
  readonly access: Access
  readonly policy: Policy
}

async function evaluate(image: string, { access, policy }: Asked, parts: JudgeParts): Promise<Evaluation> {
  const { startedAt: fresh } = parts
  const budget = Math.min(parts.budget, parts.left())
  const request = { images: [image], strategy: policy.strategy, budget, access, fresh }
  const evaluation = (await evaluateImages(request, parts)).get(image)
  if (evaluation === undefined) throw new Error(`no evaluation of ${image}`)
  return evaluation
}

// Out of what is known for the verdict: no registry is asked for what is told only by the way.
function newestOverall(
  { reference }: Evaluation,
  { access, policy }: Asked,
  { catalog, schemes, findNewest }: JudgeParts,
): string | undefined {
  if (reference?.tag === undefined) return undefined
  const slice = sliceOf(reference.tag, policy.strategy, schemes(reference))
  const known = catalog.known({ ...reference, access, ...(slice !== undefined && { slice }) })
  return known === undefined ? undefined : findNewest(reference.tag, known.learned)
}
