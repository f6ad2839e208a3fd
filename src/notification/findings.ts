import { distanceOf, isMissing, isOverdue, type Drift, type DriftReport } from '../audit/index.ts'
import type { Manager, RunningImage, Workload } from '../inventory/index.ts'
import { breakGlassAnnotation, silenceOf, type Emergency, type Silence } from '../policy/index.ts'
import { shortAge } from '../text/index.ts'

/** What there is to know about one container: an outdated image, a tag that moved on, a look that fails; or about a workload that only an annotation keeps from being refused. */
export interface Finding {
  /** Tells it from every other one, in all cycles: what its image is, or whether its registry answers, of one container. */
  readonly key: string
  readonly kind: 'outdated' | 'moved' | 'failing' | 'emergency'
  readonly workload: Workload
  /** The container; of an emergency the first one that it is about. */
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
  /** Of the evaluation: `newer`, `unauthorized`; `overdue` where there is a verdict, by an old list of tags. */
  readonly reason: string
  readonly manager: Manager | undefined
  /** Of the evaluation: where the project of the tag to go to is. */
  readonly source?: string | undefined
  /** Of an emergency: who would refuse the workload, and why it runs. */
  readonly emergency?: Emergency | undefined
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
  const findings: Finding[] = []
  const settled = new Map<string, string>()
  const silenced = new Map<string, Silence>()
  const seen = new Set<string>()
  for (const rows of Map.groupBy(report.rows, keyOf).values())
    for (const { key, row, finding, isSettled } of [aboutImage(rows), aboutLookup(rows)].flat()) {
      seen.add(key)
      if (isSettled) settled.set(key, row.image.image)
      if (finding === undefined) continue
      const silence = silenceOf(row.image.annotations, finding.newest, now)
      if (silence !== undefined) silenced.set(key, silence)
      findings.push(finding)
    }
  for (const { key, finding } of emergenciesIn(report)) {
    seen.add(key)
    // Not silenced: the author of an object could keep its emergency to themselves.
    if (finding !== undefined) findings.push(finding)
  }
  const workloads = new Set(report.rows.map(({ image }) => workloadKeyOf(image.workload)))
  const { complete } = report
  return { findings, silenced, settled, seen, workloads, complete }
}

/** Whether a finding says that an image is not the one it should be. */
export function isAboutImage(kind: Finding['kind']): boolean {
  return kind === 'outdated' || kind === 'moved'
}

/** What tells a container of a workload from every other one, in all cycles. */
export function keyOf({ image }: Drift): string {
  return containerKeyOf(image)
}

/** The same for what a finding is about. */
export function containerKeyOf({
  workload: { kind, namespace, name },
  field,
  container,
}: Pick<Finding, 'workload' | 'field' | 'container'>): string {
  return JSON.stringify([namespace, kind, name, field, container])
}

/** What tells the lookups of a container from every other finding: an outdated image and a registry that refuses are two. */
export function lookupKeyOf({
  workload: { kind, namespace, name },
  field,
  container,
}: Pick<Finding, 'workload' | 'field' | 'container'>): string {
  return JSON.stringify([namespace, kind, name, field, container, 'lookup'])
}

/** What tells a workload from every other one: one that was deleted and made again is the same. */
export function workloadKeyOf({ namespace, kind, name }: Drift['image']['workload']): string {
  return JSON.stringify([namespace, kind, name])
}

/** What tells the emergency of a workload from every other finding. */
export function emergencyKeyOf({ namespace, kind, name }: Workload): string {
  return JSON.stringify([namespace, kind, name, 'emergency'])
}

/** What the rows of one container say about its image, or about its lookups. */
interface About {
  readonly key: string
  /** The one that says it. */
  readonly row: Drift
  readonly finding: Finding | undefined
  /** It was looked at, and is no finding. */
  readonly isSettled: boolean
}

function aboutImage(rows: readonly Drift[]): readonly About[] {
  // While a rollout goes on a container runs two images: what is worse counts until the old one is gone.
  const [row] = rows.toSorted((one, other) => rankOf(one) - rankOf(other))
  if (row === undefined) return []
  const key = containerKeyOf(row.image)
  const finding = isOutdated(row) ? outdatedFinding(key, row) : undefined
  // A newer tag that was mistyped resolves nothing.
  const isInOrder = rows.every(one => isKnown(one) && !isMissing(one))
  return [{ key, row, finding, isSettled: finding === undefined && isInOrder }]
}

function aboutLookup(rows: readonly Drift[]): readonly About[] {
  const failing = rows.find(isFailing) ?? rows.find(isOverdue)
  const row = failing ?? rows[0]
  if (row === undefined) return []
  const key = lookupKeyOf(row.image)
  const finding = failing === undefined ? undefined : failingFinding(key, failing)
  return [{ key, row, finding, isSettled: finding === undefined && rows.every(isKnown) }]
}

type AboutEmergency = Pick<About, 'key' | 'finding'>

/**
 * The workloads of which it is known, or not known to be over, that only an annotation keeps them from being refused. Few have the
 * annotation: the others are not here, and what is remembered of them is over.
 */
function emergenciesIn({ rows }: DriftReport): readonly AboutEmergency[] {
  const annotated = rows.filter(({ image }) => Object.hasOwn(image.annotations, breakGlassAnnotation))
  const byWorkload = Map.groupBy(annotated, ({ image }) => emergencyKeyOf(image.workload))
  return [...byWorkload].flatMap(([key, own]): AboutEmergency[] => {
    const row = own.find(({ emergency }) => emergency !== undefined)
    if (row !== undefined) return [{ key, finding: { ...whatOf(key, row), ...emergencyParts(row) } }]
    return own.some(isUncertain) ? [{ key, finding: undefined }] : []
  })
}

function emergencyParts({ emergency }: Drift): Pick<Finding, 'kind' | 'detail' | 'emergency'> {
  return { kind: 'emergency', detail: undefined, emergency }
}

// A registry that is down ends no emergency.
function isUncertain(row: Drift): boolean {
  const { because } = row.outcome
  return !isKnown(row) || because === 'stale' || because === 'unproven'
}

function rankOf(row: Drift): number {
  if (row.exempt) return 3
  return isOutdated(row) ? 0 : isKnown(row) ? 2 : 1
}

function isOutdated({ evaluation, exempt }: Drift): boolean {
  return evaluation.verdict === 'outdated' && !exempt
}

function isKnown({ evaluation, exempt }: Drift): boolean {
  return evaluation.verdict !== 'unknown' || exempt
}

function isFailing({ evaluation, exempt }: Drift): boolean {
  return evaluation.verdict === 'unknown' && evaluation.reason !== 'not-checked-yet' && !exempt
}

function outdatedFinding(key: string, drift: Drift): Finding {
  const { evaluation, moved } = drift
  const kind = evaluation.newest === undefined && moved ? 'moved' : 'outdated'
  return { ...whatOf(key, drift), kind, detail: undefined }
}

function failingFinding(key: string, drift: Drift): Finding {
  const { image, evaluation } = drift
  const { reason, detailForOthers } = evaluation
  const lookup = { ...evaluation, newest: undefined, source: undefined, behind: 0 }
  const what = whatOf(key, { ...drift, evaluation: lookup, newestOverall: undefined, since: undefined })
  if (evaluation.verdict === 'unknown') {
    const detail = detailForOthers ?? `${image.image} could not be checked (${reason})`
    return { ...what, kind: 'failing', detail }
  }
  const old = `its tags are ${shortAge(evaluation.age ?? 0)} old`
  const detail = detailForOthers === undefined ? old : `${old}: ${detailForOthers}`
  return { ...what, kind: 'failing', reason: 'overdue', detail }
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
