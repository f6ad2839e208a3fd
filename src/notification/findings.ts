import type { Drift, DriftReport } from '../audit/index.ts'
import { familiarRepository } from '../image/index.ts'
import type { Finding } from './finding.ts'
import { snoozeOf } from './snooze.ts'

/** What a report says of everything that a finding may be about. */
export interface Findings {
  /** In the order of the report, one for each key. */
  readonly findings: readonly Finding[]
  /** Keys of findings that somebody asked not to be told of for now. */
  readonly snoozed: ReadonlySet<string>
  /** Keys that were looked at and are no findings. */
  readonly settled: ReadonlySet<string>
  /** Every key of the report: what is in none is gone, if the report is complete. */
  readonly seen: ReadonlySet<string>
  /** Every workload of the report, by {@link workloadKeyOf}. */
  readonly workloads: ReadonlySet<string>
  readonly complete: boolean
  /** Annotations that cannot be read, as sentences. */
  readonly problems: readonly string[]
}

/** The findings of a report at an instant (epoch milliseconds). */
export function findingsOf(report: DriftReport, now: number): Findings {
  const byKey = new Map<string, readonly Drift[]>()
  for (const row of report.rows) byKey.set(keyOf(row), [...(byKey.get(keyOf(row)) ?? []), row])
  const findings: Finding[] = []
  const settled = new Set<string>()
  const snoozed = new Set<string>()
  const problems = new Set<string>()
  for (const [key, rows] of byKey) {
    // While a rollout goes on a container runs two images: what is worse counts until the old one is gone.
    const worst = rows.toSorted((one, other) => rankOf(one) - rankOf(other))[0]
    const finding = worst === undefined ? undefined : findingOf(key, worst)
    if (worst === undefined || finding === undefined) {
      if (rows.every(row => row.evaluation.verdict !== 'unknown' || row.exempt)) settled.add(key)
      continue
    }
    const snooze = snoozeOf(worst.image, finding.newest, now)
    if (snooze.problem !== undefined) problems.add(snooze.problem)
    if (snooze.active) snoozed.add(key)
    findings.push(finding)
  }
  const seen = new Set(byKey.keys())
  const workloads = new Set(report.rows.map(({ image }) => workloadKeyOf(image.workload)))
  const { complete } = report
  return { findings, snoozed, settled, seen, workloads, complete, problems: [...problems] }
}

/** What tells a container of a workload from every other one, in all cycles. */
export function keyOf({ image }: Drift): string {
  const { kind, namespace, name } = image.workload
  return JSON.stringify([namespace, kind, name, image.field, image.container])
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
  const { workload, container, field, release } = image
  const { newest, behind, reference, reason } = evaluation
  // A digest pin is dropped: it names the old content.
  const newestImage =
    newest === undefined || reference === undefined ? undefined : `${familiarRepository(reference)}:${newest}`
  return {
    key,
    workload,
    container,
    field,
    image: image.image,
    newest,
    newestImage,
    newestOverall,
    behind,
    since,
    reason,
    release,
  }
}
