import {
  evaluateImages,
  rememberChoices,
  unknownEvaluation,
  type Access,
  type AccessSource,
  type DigestCatalog,
  type Evaluation,
  type Patience,
  type TagCatalog,
} from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import { resolvePolicy, type Policy } from '../policy/index.ts'
import { choose, sliceOf, type TagReading } from '../version/index.ts'
import type { Drift, DriftReport } from './drift.ts'
import type { Inventory, RunningImage } from './inventory.ts'
import { hasMoved, movedTagsOf, type MovedTags } from './moved-tag.ts'

/** What an audit is made of; times in milliseconds. */
export interface AuditOptions {
  readonly inventory: Inventory
  readonly catalog: TagCatalog
  readonly digests: DigestCatalog
  readonly schemes: (repository: Repository) => TagReading
  readonly access: AccessSource
  readonly patience: Patience
  readonly defaults: Policy & { readonly movedTags: MovedTags }
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Lets other work have its turn. */
  readonly turn: () => Promise<void>
  /** How many images wait for registries at a time. */
  readonly atOnce: number
  /** How long the look-ups of one image may take. */
  readonly budget: number
}

/** Judges what a cluster runs. */
export interface Audit {
  /**
   * One cycle. An image that cannot be judged is `unknown`, or a problem of the report; only the signal ends a cycle early.
   * @throws what the signal says.
   */
  run(signal: AbortSignal, onProgress?: (done: number, all: number) => void): Promise<DriftReport>
}

/** An audit. Each cycle stands for itself: what outlives one is for the caller to remember. */
export function createAudit(options: AuditOptions): Audit {
  const parts = { ...options, choose: rememberChoices() }
  return {
    async run(signal, onProgress) {
      const { inventory, now, atOnce } = options
      const startedAt = now()
      const images = [...inventory.images()]
      const rows: (Judged | undefined)[] = images.map(() => undefined)
      const missing = inventory.problems()
      const problems: string[] = [...missing]
      let done = 0
      await inParallel(byRepository(images), atOnce, async ([at, image]) => {
        signal.throwIfAborted()
        try {
          rows[at] = { row: await judge(image, parts), at: now() }
        } catch (error) {
          signal.throwIfAborted()
          const problem = problemOf(image, error)
          problems.push(problem)
          // It is there, and nothing is known of it: what was told of it before still holds.
          rows[at] = { row: notJudged(image, problem, parts), at: now() }
        }
        onProgress?.(++done, images.length)
        if (done % turnEvery === 0) await options.turn()
      })
      const finishedAt = now()
      return {
        startedAt,
        finishedAt,
        rows: rows.flatMap(judged => (judged === undefined ? [] : [asOf(judged, finishedAt)])),
        complete: inventory.synced && missing.length === 0,
        problems,
      }
    },
  }
}

/** A row, and when it was judged. */
interface Judged {
  readonly row: Drift
  readonly at: number
}

// A cold cycle over slow registries takes half an hour: all rows tell their age as of its end.
function asOf({ row, at }: Judged, end: number): Drift {
  const { age } = row.evaluation
  return age === undefined || at === end
    ? row
    : { ...row, evaluation: { ...row.evaluation, age: age + end - at } }
}

/**
 * The images with their places, those of one repository one after the other: what was asked for the first of them, its tags and
 * a token, is there for the others, however many repositories there are. Registries stay as mixed as they are.
 */
function byRepository(images: readonly RunningImage[]): readonly (readonly [number, RunningImage])[] {
  return [...Map.groupBy(images.entries(), ([, { image }]) => repositoryText(image)).values()].flat()
}

// As it is written: two spellings of one repository are only judged apart.
function repositoryText(image: string): string {
  const [name = ''] = image.split('@', 1)
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

// A judgement out of memory takes some ten microseconds.
const turnEvery = 100

async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, in each of so many workers
      await work(next.value)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

type Parts = AuditOptions & { readonly choose: ReturnType<typeof rememberChoices> }

async function judge(image: RunningImage, parts: Parts): Promise<Drift> {
  const { inventory, defaults } = parts
  const labels = inventory.labelsOf(image.workload.namespace) ?? {}
  const policy = resolvePolicy(defaults, labels, image.annotations)
  const access = await parts.access.accessOf(image.requester)
  const evaluation = await evaluate(image.image, { access, policy }, parts)
  const exempt = policy.mode === 'off'
  const moved = !exempt && (await hasMoved(image, { evaluation, access, digests: parts.digests }))
  const isFinding = moved && movedTagsOf(image.annotations, defaults.movedTags) === 'finding'
  return {
    image,
    evaluation: isFinding && evaluation.verdict === 'floating' ? asOutdated(evaluation) : evaluation,
    policy: { mode: policy.mode, strategy: policy.strategy },
    moved,
    newestOverall: newestOverall(evaluation, { access, policy }, parts),
    since: evaluation.newestPublishedAt ?? evaluation.newestSeenAt,
    exempt,
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

async function evaluate(image: string, { access, policy }: Asked, parts: Parts): Promise<Evaluation> {
  const request = { images: [image], strategy: policy.strategy, budget: parts.budget, access }
  const evaluation = (await evaluateImages(request, parts)).get(image)
  if (evaluation === undefined) throw new Error(`no evaluation of ${image}`)
  return evaluation
}

// Out of what is known for the verdict: no registry is asked for what is told only by the way.
function newestOverall(
  { reference }: Evaluation,
  { access, policy }: Asked,
  { catalog, schemes }: Parts,
): string | undefined {
  if (reference?.tag === undefined) return undefined
  const slice = sliceOf(reference.tag, policy.strategy, schemes(reference))
  const known = catalog.known({ ...reference, access, ...(slice !== undefined && { slice }) })
  return known === undefined ? undefined : choose(reference.tag, known.index, 'major').newest
}

function notJudged(image: RunningImage, detail: string, { defaults }: Parts): Drift {
  return {
    image,
    evaluation: unknownEvaluation(image.image, undefined, { reason: 'not-checked-yet', detail }),
    policy: { mode: defaults.mode, strategy: defaults.strategy },
    moved: false,
    newestOverall: undefined,
    since: undefined,
    exempt: false,
  }
}

function problemOf({ workload, container, image }: RunningImage, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const where = `${workload.kind} ${workload.namespace}/${workload.name}`
  return `${where}: container ${container} (${image.slice(0, 300)}) could not be judged: ${why}`
}
