import type { AccessSource, EvaluationPorts } from '../../evaluation/index.ts'
import { outcomeOf, type PolicyBook } from '../../policy/index.ts'
import { judgeByRules } from '../rules/judge-by-rules.ts'
import { repositoryOf, tagOf, type JudgedImage } from '../messages/messages.ts'
import { subjectRules, type ObjectRules } from '../rules/object-rules.ts'
import type { ContainerImage } from '../../workload/index.ts'
import type { Labels, ListedWorkload, ListedWorkloads } from '../review/ports.ts'

/** What would decide after a change, and for which workloads that is asked. */
export interface Change {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined
  /** The labels of a namespace after the change; undefined where they are not known. */
  labelsOf(namespace: string): Labels | undefined
  /** What would decide. */
  readonly book: PolicyBook
  /** The policy that changes: only what it would decide about counts; undefined: all does. */
  readonly policy?: string
}

/** What workloads are judged with. */
export interface PreviewPorts extends EvaluationPorts {
  readonly access?: AccessSource
  /** Epoch milliseconds. */
  readonly wallClock: () => number
}

/** How many workloads would be refused, by the images for which. */
export interface Forecast {
  readonly looked: number
  readonly isCut: boolean
  readonly refused: ReadonlySet<ListedWorkload>
  /** By what is said of the image; most workloads first. */
  readonly byImage: ReadonlyMap<string, readonly ListedWorkload[]>
  /** How many images nothing is known of. */
  readonly unknown: number
}

/** What would be refused of the workloads that are there, were each of them applied after the change. Only memory is asked. */
export function forecast(
  { workloads, isCut }: ListedWorkloads,
  change: Change,
  ports: PreviewPorts,
): Forecast {
  const byImage = new Map<string, Set<ListedWorkload>>()
  const refused = new Set<ListedWorkload>()
  const unknown = new Set<string>()
  let looked = 0
  for (const workload of workloads) {
    const about = imagesDecided(workload, change)
    if (about.images.length > 0) looked++
    for (const image of refusedOf(workload, about, { ports, unknown })) {
      const text = `${repositoryOf(image)}${tagOf(image)} -> ${image.evaluation.newest ?? '?'}`
      byImage.set(text, (byImage.get(text) ?? new Set()).add(workload))
      refused.add(workload)
    }
  }
  const sorted = [...byImage]
    .map(([text, found]) => [text, [...found]] as const)
    .toSorted(([, one], [, other]) => other.length - one.length)
  return { looked, isCut, refused, byImage: new Map(sorted), unknown: unknown.size }
}

interface Looking {
  readonly ports: PreviewPorts
  readonly unknown: Set<string>
}

/** The images of a workload that the change is about, and their rules after it. */
interface Decided {
  readonly rules: ObjectRules
  readonly images: readonly ContainerImage[]
}

function imagesDecided(workload: ListedWorkload, change: Change): Decided {
  const { book, policy } = change
  const rules = subjectRules({ ...workload, namespaceLabels: change.labelsOf(workload.namespace) }, book)
  const isDecided = (image: ContainerImage): boolean =>
    policy === undefined || rules.of(image).policy?.name === policy
  return { rules, images: workload.images.filter(isDecided) }
}

function refusedOf(
  workload: ListedWorkload,
  { rules, images: decided }: Decided,
  { ports, unknown }: Looking,
): readonly JudgedImage[] {
  const { namespace } = workload
  const images = decided.filter(image => rules.of(image).mode === 'enforce')
  if (images.length === 0) return []
  const access = accessOf(workload, ports)
  const by = { namespace, access, budget: 0, ports }
  const { evaluations } = judgeByRules(images, image => rules.of(image), by)
  return images.flatMap(image => {
    const evaluation = evaluations.get(image.image)
    if (evaluation === undefined) return []
    if (evaluation.verdict === 'unknown') unknown.add(image.image)
    const judged = { ...image, evaluation }
    return isRefusedBy(rules, judged, ports) ? [judged] : []
  })
}

function isRefusedBy(rules: ObjectRules, judged: JudgedImage, { wallClock }: PreviewPorts): boolean {
  const context = { subject: rules.subject, now: wallClock() }
  return outcomeOf(rules.of(judged), judged.evaluation, context).action === 'refuse'
}

// What is not in memory is not waited for.
function accessOf({ namespace, access }: ListedWorkload, ports: PreviewPorts) {
  const own = ports.access?.accessOf({ namespace, ...access })
  return own instanceof Promise ? undefined : own
}

const mostNamed = 3
const mostGroups = 8

/** The forecast as warnings, the most workloads first: `3 of 31 workloads would be refused now`, then a line for each image. */
export function forecastTexts(where: string, result: Forecast): readonly string[] {
  const { looked, isCut, refused, byImage, unknown } = result
  const all = isCut ? `the first ${looked} workloads` : `${looked} ${looked === 1 ? 'workload' : 'workloads'}`
  const left = byImage.size - mostGroups
  return [
    `${where}: ${refused.size === 0 ? 'none' : refused.size} of ${all} would be refused now`,
    ...[...byImage]
      .slice(0, mostGroups)
      .map(([image, workloads]) => `${image}: ${workloads.length} (${namesOf(workloads)})`),
    ...(left > 0 ? [`and ${left} more ${left === 1 ? 'image' : 'images'}`] : []),
    ...(unknown > 0
      ? [`${where}: nothing is known yet of ${unknown} ${unknown === 1 ? 'image' : 'images'}`]
      : []),
  ]
}

function namesOf(workloads: readonly ListedWorkload[]): string {
  const names = workloads.slice(0, mostNamed).map(({ namespace, name }) => `${namespace}/${name}`)
  return [...names, ...(workloads.length > mostNamed ? ['…'] : [])].join(', ')
}
