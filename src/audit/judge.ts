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
import { referenceOf, type Repository } from '../image/index.ts'
import {
  datedFinding,
  emergencyOf,
  exceptionState,
  modeLabel,
  offersUnder,
  outcomeOf,
  rulesFor,
  type ImageRules,
  type PolicyBook,
  type PolicySource,
  type Subject,
} from '../policy/index.ts'
import { sliceOf, type ChannelRules, type FindNewest, type TagReading } from '../version/index.ts'
import type { Drift } from './drift.ts'
import type { Inventory, RunningImage } from '../inventory/index.ts'
import { hasMoved, movedTagsOf, type MovedTags } from './moved-tag.ts'

/** What an image is judged with. */
export interface JudgeOptions {
  readonly inventory: Pick<Inventory, 'labelsOf'>
  readonly catalog: TagCatalog
  readonly digests: DigestCatalog
  readonly schemes: (repository: Repository) => TagReading
  readonly channelRules: ChannelRules
  readonly access: AccessSource
  readonly timeLimit: TimeLimit
  /** What decides about images, as of now. */
  readonly book: () => PolicyBook
  /** See {@link PolicySource}. */
  readonly behindSince?: NonNullable<PolicySource['behindSince']>
  readonly movedTags: MovedTags
  /** How long the look-ups of one image may take, in milliseconds. */
  readonly budget: number
}

/** The same in one cycle. */
export interface JudgeParts extends JudgeOptions {
  readonly choose: Choose
  readonly findNewest: FindNewest
  /** Epoch milliseconds. */
  now(): number
  wallClock(): number
  /** When the cycle began, in epoch milliseconds: what is due is asked for again since then. */
  readonly startedAt: number
  /** How long registries may still be waited for in it, in milliseconds. */
  left(): number
}

/** The verdict for an image. Where the mode is `off` nothing is asked: no registry, and no secret is read. */
export async function judge(image: RunningImage, parts: JudgeParts): Promise<Drift> {
  const subject = subjectOf(image, parts.inventory)
  const policy = rulesOf(image, subject, parts.book())
  if (policy.mode === 'off') return switchedOff(image, policy)
  const access = await parts.access.accessOf(image.requester)
  const evaluation = await evaluate(image.image, { access, policy }, parts)
  const left = (): number => Math.min(parts.budget, parts.left())
  const moved = await hasMoved(image, { ...parts, left, evaluation, access })
  const isFinding = moved && movedTagsOf(image.annotations, parts.movedTags) === 'finding'
  const told = isFinding && evaluation.verdict === 'floating' ? asOutdated(evaluation) : evaluation
  const context = { subject, now: parts.now() }
  const dated = datedFinding(told, policy, parts)
  const outcome = outcomeOf(policy, dated, context)
  return {
    image,
    evaluation: told,
    policy: { mode: policy.mode, strategy: policy.strategy },
    decidedBy: policy.policy?.name,
    outcome,
    enforced: outcomeOf({ ...policy, mode: 'enforce' }, dated, context),
    emergency: emergencyOf(policy, outcome),
    exceptions: policy.exceptions.map(exception => ({
      exception,
      state: exceptionState(exception, policy, { ...context, newest: told.newest }),
    })),
    moved,
    newestOverall: newestOverall(evaluation, { access, policy }, parts),
    since: evaluation.newestPublishedAt ?? evaluation.newestSeenAt,
    exempt: false,
  }
}

/** The workload of an image, as policies see it. */
export function subjectOf({ workload, labels, annotations }: RunningImage, inventory: LabelSource): Subject {
  const { apiVersion, kind, namespace } = workload
  const slash = apiVersion.indexOf('/')
  return {
    namespace,
    namespaceLabels: inventory.labelsOf(namespace),
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    kind,
    labels,
    annotations,
  }
}

type LabelSource = Pick<Inventory, 'labelsOf'>

/** What holds for an image that runs. */
export function rulesOf({ container, image }: RunningImage, subject: Subject, book: PolicyBook): ImageRules {
  return rulesFor({ container, reference: referenceOf(image) }, subject, book)
}

/** That an image could not be judged. */
export function notJudged(image: RunningImage, detail: string, { defaults }: PolicyBook): Drift {
  const evaluation = unknownEvaluation(image.image, undefined, { reason: 'not-checked-yet', detail })
  const { mode, strategy } = defaults
  return { ...without, image, evaluation, policy: { mode, strategy }, decidedBy: undefined, exempt: false }
}

function switchedOff(image: RunningImage, { mode, strategy, modeFrom, policy }: ImageRules): Drift {
  const { namespace } = image.workload
  const detail = {
    configuration: `the configuration says mode: off, and namespace ${namespace} has no label ${modeLabel}`,
    policy: `policy ${policy?.name} says mode: off`,
    'namespace-label': `namespace ${namespace} has the label ${modeLabel}=off`,
    annotation: `it has the annotation ${modeLabel}=off, which policy ${policy?.name} allows`,
    safety: `namespace ${namespace} is not looked at`,
  }[modeFrom]
  const why = { reason: 'namespace-off', detail } as const
  const evaluation = unknownEvaluation(image.image, referenceOf(image.image), why)
  return {
    ...without,
    image,
    evaluation,
    policy: { mode, strategy },
    decidedBy: policy?.name,
    exempt: true,
  }
}

const nothingDone = {
  action: 'nothing',
  otherwise: 'nothing',
  because: undefined,
  until: undefined,
  exception: undefined,
} as const
const without = {
  moved: false,
  newestOverall: undefined,
  since: undefined,
  outcome: nothingDone,
  enforced: nothingDone,
  emergency: undefined,
  exceptions: [],
}

// Its newest tag is the one that it has: there is nothing to write in its place, only to pull anew.
function asOutdated(evaluation: Evaluation): Evaluation {
  return { ...evaluation, verdict: 'outdated', newest: undefined, behind: 1 }
}

interface Asked {
  readonly access: Access
  readonly policy: ImageRules
}

async function evaluate(image: string, { access, policy }: Asked, parts: JudgeParts): Promise<Evaluation> {
  const { startedAt: fresh } = parts
  const budget = Math.min(parts.budget, parts.left())
  const request = { images: [image], ...offersUnder(policy), budget, access, fresh }
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
