import { rememberChoices } from '../evaluation/index.ts'
import { createNewestFinder } from '../version/index.ts'
import type { Drift, DriftReport } from './drift.ts'
import type { Inventory, RunningImage } from '../inventory/index.ts'
import { judge, notJudged, rulesOf, subjectOf, type JudgeOptions } from './judge.ts'
import { movedTagsProblem } from './moved-tag.ts'
import { annotationProblems, labelProblems, modeLabel } from '../policy/index.ts'

/** What an audit is made of; times in milliseconds. */
export interface AuditOptions extends JudgeOptions {
  readonly inventory: Inventory
  /** The names of the channels that a policy may name; where missing, they are not known here. */
  readonly channels?: ReadonlySet<string>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Lets other work have its turn. */
  readonly turn: () => Promise<void>
  /** How many images wait for registries at a time. */
  readonly atOnce: number
  /** How long registries may be waited for in one cycle; what is not known then is judged by what memory holds. */
  readonly limit: number
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
  const { inventory, now, atOnce, book } = options
  const [choose, findNewest] = [rememberChoices(), createNewestFinder()]
  return {
    async run(signal, onProgress) {
      const startedAt = now()
      const parts = {
        ...options,
        wallClock: now,
        choose,
        findNewest,
        startedAt,
        left: () => Math.max(0, startedAt + options.limit - now()),
      }
      const images = [...inventory.images()]
      const rows: (Judged | undefined)[] = images.map(() => undefined)
      const missing = inventory.problems()
      const problems: string[] = [...missing]
      const ignored = createIgnored(options)
      ignored.lookAtPolicies()
      let done = 0
      await inParallel(byRepository(images), atOnce, async ([at, image]) => {
        signal.throwIfAborted()
        try {
          ignored.look(image)
          rows[at] = { row: await judge(image, parts), at: now() }
        } catch (error) {
          signal.throwIfAborted()
          const problem = problemOf(image, error)
          problems.push(problem)
          // It is there, and nothing is known of it: what was told of it before still holds.
          rows[at] = { row: notJudged(image, problem, book()), at: now() }
        }
        onProgress?.(++done, images.length)
        if (done % turnEvery === 0) await options.turn()
      })
      return reportOf(rows, { startedAt, finishedAt: now(), inventory, missing, problems, ignored })
    },
  }
}

interface Ended extends Pick<DriftReport, 'startedAt' | 'finishedAt' | 'problems'> {
  readonly inventory: Inventory
  readonly missing: readonly string[]
  readonly ignored: ReturnType<typeof createIgnored>
}

function reportOf(rows: readonly (Judged | undefined)[], ended: Ended): DriftReport {
  const { startedAt, finishedAt, problems, inventory, missing, ignored } = ended
  return {
    startedAt,
    finishedAt,
    rows: rows.flatMap(judged => (judged === undefined ? [] : [asOf(judged, finishedAt)])),
    complete: inventory.synced && missing.length === 0,
    problems,
    ignored: ignored.sentences(),
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

function problemOf({ workload, container, image }: RunningImage, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const where = `${workload.kind} ${workload.namespace}/${workload.name}`
  return `${where}: container ${container} (${image.slice(0, 300)}) could not be judged: ${why}`
}

/** Collects the settings that say nothing known, so that what they were to change stays as it is. */
interface Ignored {
  /** Looks at the channels that policies name. */
  lookAtPolicies(): void
  /** Looks at those of an image's namespace and workload. */
  look(image: RunningImage): void
  /** One sentence for each channel of a policy, each label of a namespace and each annotation of a workload. */
  sentences(): readonly string[]
}

function createIgnored({ inventory, movedTags, book, channels }: AuditOptions): Ignored {
  const sentences = new Set<string>()
  const namespaces = new Set<string>()
  return {
    lookAtPolicies() {
      for (const { name, breakGlass } of book().policies) {
        const channel = breakGlass?.channel
        if (channel === undefined || channels?.has(channel) !== false) continue
        sentences.add(
          `policy ${name}: breakGlass.channel ${channel} is no channel of the configuration: the routes are told`,
        )
      }
    },
    look(image) {
      const { workload, annotations } = image
      const { kind, namespace, name } = workload
      const labels = inventory.labelsOf(namespace) ?? {}
      if (!namespaces.has(namespace)) {
        namespaces.add(namespace)
        for (const problem of labelProblems(labels)) sentences.add(`namespace ${namespace}: ${problem}`)
      }
      // Most workloads have none of ours.
      if (Object.keys(annotations).length === 0 && !Object.hasOwn(labels, modeLabel)) return
      const moved = movedTagsProblem(annotations, movedTags)
      const { ignored } = rulesOf(image, subjectOf(image, inventory), book())
      for (const problem of [...annotationProblems(annotations), ...ignored, moved ?? []].flat())
        sentences.add(`${kind} ${namespace}/${name}: ${problem}`)
    },
    sentences: () => [...sentences],
  }
}
