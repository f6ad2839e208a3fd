import { undecided } from '../support/audit/undecided.ts'
import type { Drift, DriftReport } from '../../src/audit/index.ts'
import type { RunningImage } from '../../src/inventory/index.ts'
import type { Evaluation } from '../../src/evaluation/index.ts'
import { InvalidReferenceError, parseReference } from '../../src/image/index.ts'
import { countedFrom, learnTags, tagListOf } from '../../src/version/index.ts'

/** What a row of a report is about; the rest is filled in. */
export interface Row {
  readonly namespace?: string
  readonly kind?: string
  readonly name?: string
  readonly container?: string
  readonly field?: RunningImage['field']
  readonly origin?: RunningImage['origin']
  readonly image?: string
  readonly elsewhere?: string
  readonly age?: number
  readonly overdue?: boolean
  readonly detail?: string
  readonly wasListed?: boolean
  readonly newest?: string
  readonly newestDigest?: string
  readonly source?: string
  readonly verdict?: Evaluation['verdict']
  readonly reason?: Evaluation['reason']
  readonly waiting?: Evaluation['waiting']
  readonly since?: number
  readonly moved?: boolean
  readonly exempt?: boolean
  readonly emergency?: Drift['emergency']
  readonly because?: Drift['outcome']['because']
  readonly annotations?: Readonly<Record<string, string>>
  readonly annotated?: RunningImage['annotated']
  readonly manager?: RunningImage['manager']
}

const apiVersions: ReadonlyMap<string, string> = new Map([
  ['Job', 'batch/v1'],
  ['CronJob', 'batch/v1'],
  ['Pod', 'v1'],
  ['Rollout', 'argoproj.io/v1alpha1'],
])

/** A row: `nginx:1.25.1` of a Deployment, outdated where a newest tag is given. */
export function drift(row: Row): Drift {
  const { moved = false, exempt = false, since } = row
  const policy = { mode: 'warn', strategy: 'patch' } as const
  return {
    image: imageOf(row),
    evaluation: evaluationOf(row),
    policy,
    ...undecided,
    emergency: row.emergency,
    outcome: { ...undecided.outcome, because: row.because },
    moved,
    newestOverall: undefined,
    since,
    exempt,
  }
}

const unannotated = { annotations: {}, annotated: 'none' } as const

function imageOf({
  image = 'nginx:1.25.1',
  container = 'web',
  field = 'container',
  origin = 'template',
  ...row
}: Row): RunningImage {
  const { kind = 'Deployment', namespace = 'default', name = 'web', manager } = row
  const { annotations, annotated } = { ...unannotated, ...row }
  return {
    workload: { apiVersion: apiVersions.get(kind) ?? 'apps/v1', kind, namespace, name, uid: `uid-${name}` },
    container,
    field,
    origin,
    image,
    pods: 1,
    digests: [],
    requester: { namespace, serviceAccount: 'default', pullSecrets: [] },
    labels: {},
    annotations,
    annotated,
    manager,
  }
}

const usualReasons = {
  outdated: 'newer',
  current: 'newest',
  floating: 'latest',
  unversioned: 'no-version',
  unknown: 'unavailable',
} as const

const unmarked = { age: 0, overdue: false, wasListed: false }

const noTags = learnTags(tagListOf([]))

function evaluationOf({ image = 'nginx:1.25.1', newest, ...row }: Row): Evaluation {
  const { verdict = newest === undefined ? 'current' : 'outdated' } = row
  const { age, overdue, wasListed } = { ...unmarked, ...row }
  const { detail = verdict === 'unknown' ? 'its registry does not answer' : undefined } = row
  return {
    image,
    reference: referenceOf(image),
    verdict,
    reason: row.reason ?? usualReasons[verdict],
    detail,
    detailForOthers: detail,
    newest,
    newestDigest: row.newestDigest,
    source: row.source,
    counted: countedFrom(referenceOf(image)?.tag ?? '', noTags),
    elsewhere: row.elsewhere,
    line: '1.25',
    behind: newest === undefined ? 0 : 4,
    age,
    stale: false,
    overdue,
    unproven: false,
    passed: [],
    wasListed,
    newestSeenAt: undefined,
    newestPublishedAt: undefined,
    firstSeenNewer: undefined,
    waiting: row.waiting,
  }
}

/** A report of rows; complete unless said otherwise. */
export function report(rows: readonly Row[], complete = true): DriftReport {
  return { startedAt: 0, finishedAt: 0, rows: rows.map(drift), complete, problems: [], ignored: [] }
}

function referenceOf(image: string): Evaluation['reference'] {
  try {
    return parseReference(image)
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined
    throw error
  }
}
