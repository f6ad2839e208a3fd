import { distanceOf, type Drift, type DriftReport } from '../audit/index.ts'
import type { Manager, RunningImage, Workload } from '../inventory/index.ts'
import { silenceOf, type Silence } from '../policy/index.ts'

/** What there is to know about one container: an outdated image, a tag that moved on, a look that fails. */
export interface Finding {
  /** Tells it from every other one, in all cycles: namespace, kind, name, container, field. */
  readonly key: string
  readonly kind: 'outdated' | 'moved' | 'failing'
  readonly workload: Workload
  readonly container: string
  readonly field: RunningImage['field']
  readonly image: string
  /** The tag to go to; undefined for what is moved or failing. */
  readonly newest: string | undefined
  /**
   * The whole reference to go to, its repository as it is written. A digest pin becomes that of the newest tag; undefined where that
   * is not known: without it the image would be pinned no longer.
   */
  readonly newestImage: string | undefined
  readonly newestOverall: string | undefined
  readonly behind: number
  /** The same in words: `4 versions`. */
  readonly distance: string
  /** Since when it is behind, in epoch milliseconds. */
  readonly since: number | undefined
  /** Why it cannot be looked at, for a failing one. */
  readonly detail: string | undefined
  /** Of the evaluation: `newer`, `unauthorized`. */
  readonly reason: string
  readonly manager: Manager | undefined
  /** Of the evaluation: where the project of the tag to go to is. */
  readonly source?: string | undefined
  /** Of a finding that is resolved: the image that the container has now. */
  readonly now?: string
}

/** What a report says of everything that a finding may be about. */
export interface Findings {
  /** In the order of the report, one for each key. */
  readonly findings: readonly Finding[]
  /** Keys of findings that are not to be told of: until an instant, or because of their newest tag. */
  readonly silenced: ReadonlyMap<string, Silence>
  /** Keys that were looked at and are no findings, with the image that the container has. */
  readonly settled: ReadonlyMap<string, string>
  /** Every key of the report: what is in none is gone, if the report is complete. */
  readonly seen: ReadonlySet<string>
  /** Every workload of the report, by {@link workloadKeyOf}. */
  readonly workloads: ReadonlySet<string>
  readonly complete: boolean
}

/** The findings of a report at an instant (epoch milliseconds). */
export function findingsOf(report: DriftReport, now: number): Findings {
  const byKey = new Map<string, readonly Drift[]>()
  for (const row of report.rows) byKey.set(keyOf(row), [...(byKey.get(keyOf(row)) ?? []), row])
  const findings: Finding[] = []
  const settled = new Map<string, string>()
  const silenced = new Map<string, Silence>()
  for (const [key, rows] of byKey) {
    // While a rollout goes on a container runs two images: what is worse counts until the old one is gone.
    const [worst] = rows.toSorted((one, other) => rankOf(one) - rankOf(other))
    if (worst === undefined) continue
    const finding = findingOf(key, worst)
    if (finding === undefined) {
      if (rows.every(isKnown)) settled.set(key, worst.image.image)
      continue
    }
    const silence = silenceOf(worst.image.annotations, finding.newest, now)
    if (silence !== undefined) silenced.set(key, silence)
    findings.push(finding)
  }
  const seen = new Set(byKey.keys())
  const workloads = new Set(report.rows.map(({ image }) => workloadKeyOf(image.workload)))
  const { complete } = report
  return { findings, silenced, settled, seen, workloads, complete }
}

/** What tells a container of a workload from every other one, in all cycles. */
export function keyOf({ image }: Drift): string {
  const { kind, namespace, name } = image.workload
  return JSON.stringify([namespace, kind, name, image.field, image.container])
}

function isKnown({ evaluation, exempt }: Drift): boolean {
  return evaluation.verdict !== 'unknown' || exempt
}

/** What tells a workload from every other one: one that was deleted and made again is the same. */
export function workloadKeyOf({ namespace, kind, name }: Drift['image']['workload']): string {
  return JSON.stringify([namespace, kind, name])
}

function rankOf({ evaluation, exempt }: Drift): number {
  if (exempt) return 3
  return evaluation.verdict === 'outdated' ? 0 : evaluation.verdict === 'unknown' ? 1 : 2
}

function findingOf(key: string, drift: Drift): Finding | undefined {
  const { evaluation, image, exempt } = drift
  if (exempt) return undefined
  if (evaluation.verdict === 'outdated') {
    const kind = evaluation.newest === undefined && drift.moved ? 'moved' : 'outdated'
    return { ...whatOf(key, drift), kind, detail: undefined }
  }
  if (evaluation.verdict !== 'unknown' || evaluation.reason === 'not-checked-yet') return undefined
  const detail = evaluation.detailForOthers ?? `${image.image} could not be checked (${evaluation.reason})`
  return { ...whatOf(key, drift), kind: 'failing', detail }
}

function whatOf(
  key: string,
  { image, evaluation, newestOverall, since }: Drift,
): Omit<Finding, 'kind' | 'detail'> {
  const { workload, container, field, manager } = image
  const { newest, behind, reason, source } = evaluation
  return {
    key,
    workload,
    container,
    field,
    image: image.image,
    newest,
    newestImage: newestImageOf(evaluation),
    newestOverall,
    behind,
    distance: distanceOf(evaluation),
    since,
    reason,
    manager,
    source,
  }
}

function newestImageOf({ image, reference, newest, newestDigest }: Drift['evaluation']): string | undefined {
  if (newest === undefined || reference === undefined) return undefined
  const tagged = `${writtenRepository(image, reference.tag)}:${newest}`
  if (newestDigest !== undefined) return `${tagged}@${newestDigest}`
  return reference.digest === undefined ? tagged : undefined
}

// As it is written: a cluster may forbid short names, or mean something else by them.
function writtenRepository(image: string, tag: string | undefined): string {
  const [name = ''] = image.split('@', 1)
  return tag === undefined ? name : name.slice(0, -`:${tag}`.length)
}
